"""Emulated peripherals. Each is a class on `peripheral.Peripheral`; several share one radio and one process."""
from .consenting import ConsentingCuff
from .cuff import Cuff, reading
from .microlife import Microlife
from .omron import Omron
from .oximeter import SpotOximeter, StreamOximeter, spot_check
from .peripheral import Pairing, Peripheral
from .sensor import Sensor
from .silent import Silent
from .stranger import Stranger
from .strap import Strap
from .ua651 import UA651
from .viatom import BP2W

__all__ = ["BP2W", "UA651", "ConsentingCuff", "Cuff", "Microlife", "Omron", "Pairing", "Peripheral", "Sensor", "Silent",
           "SpotOximeter", "Stranger", "Strap", "StreamOximeter", "reading", "spot_check"]
