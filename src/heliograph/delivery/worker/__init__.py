"""The worker: owns partitions and runs durable receivers."""
