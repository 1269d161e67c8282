"""USB devices at the level of transfers, on the guest kernel's own virtual host controller."""
