"""A peripheral that takes the link, pairs, and then never answers a single ATT request."""
from .cuff import Cuff


class Silent(Cuff):
    def __init__(self, radio, journal, name="LAB-SILENT", address="F6:F7:F8:F9:FA:FB", **more):
        super().__init__(radio, journal, name, address, answers=False, **more)
