from trades.admin.keys import VolumeEventKeyAdmin
from trades.admin.volume import UnusualVolumeAdmin, VolumeObservationAdmin

__all__ = ["UnusualVolumeAdmin", "VolumeEventKeyAdmin", "VolumeObservationAdmin"]
