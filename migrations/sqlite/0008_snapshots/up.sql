-- The own cut of a closing is long, and rarely needed once it is counted; the row of the closing is read and written with
-- every message.
CREATE TABLE snapshots (
    proposal BLOB NOT NULL,
    sitting BIGINT NOT NULL,
    notes BLOB NOT NULL,
    PRIMARY KEY (proposal, sitting)
);
INSERT INTO snapshots (proposal, sitting, notes)
    SELECT proposal, sitting, snapshot FROM closings WHERE snapshot IS NOT NULL;
ALTER TABLE closings DROP COLUMN snapshot;
