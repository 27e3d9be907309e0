ALTER TABLE epoch_votes DROP COLUMN sitting;
