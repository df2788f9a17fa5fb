"""Our people are put on accounts our center holds: only a read says they are on."""
