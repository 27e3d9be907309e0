ALTER TABLE journals DROP COLUMN replaced;
