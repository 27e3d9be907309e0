-- A claim on an epoch number is made in one sitting of a vote, and ends with it.
ALTER TABLE epoch_votes ADD COLUMN sitting BIGINT NOT NULL DEFAULT 0;
