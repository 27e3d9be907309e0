ALTER TABLE closings ADD COLUMN snapshot BLOB;
UPDATE closings SET snapshot = (
    SELECT notes FROM snapshots WHERE snapshots.proposal = closings.proposal AND snapshots.sitting = closings.sitting
);
DROP TABLE snapshots;
