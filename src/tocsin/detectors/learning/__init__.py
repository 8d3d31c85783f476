"""What trainings outside this room share with the detectors: the loop, the layers, the faults, the settings' checks."""
