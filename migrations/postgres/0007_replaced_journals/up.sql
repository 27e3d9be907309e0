-- Whether another branch of the journal, the certified one, took the place of what was stored and cosigned here: this
-- node never cosigns such a journal again, so it stores of it what a quorum has cosigned.
ALTER TABLE journals ADD COLUMN replaced BIGINT NOT NULL DEFAULT 0;
