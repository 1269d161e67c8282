"""Emulated peripherals. Each is a class on `peripheral.Peripheral`; several share one radio and one process."""
from .cuff import Cuff, reading
from .peripheral import Pairing, Peripheral
from .sensor import Sensor
from .silent import Silent
from .stranger import Stranger
from .strap import Strap

__all__ = ["Cuff", "Pairing", "Peripheral", "Sensor", "Silent", "Stranger", "Strap", "reading"]
