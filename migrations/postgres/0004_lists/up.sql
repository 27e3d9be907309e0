-- Who may read a proposal and when its decision is to be looked at again, so that the database makes the lists.
ALTER TABLE proposals ADD COLUMN visibility TEXT NOT NULL DEFAULT 'consortium';
ALTER TABLE proposals ADD COLUMN review BIGINT;
UPDATE proposals SET
    visibility = coalesce(convert_from(statement, 'UTF8')::jsonb #>> '{object,visibility}', 'consortium'),
    review = extract(epoch FROM (convert_from(statement, 'UTF8')::jsonb #>> '{object,review}')::timestamptz)::BIGINT
    -- PostgreSQL reads no JSON with this character; such a row keeps the careful default until a rebuild.
    WHERE position('\u0000' IN convert_from(statement, 'UTF8')) = 0;
-- Which openings a proposal would replace, as its latest version says.
CREATE TABLE replacements (
    proposal TEXT NOT NULL,
    replaced BYTEA NOT NULL,
    PRIMARY KEY (proposal, replaced)
);
CREATE INDEX replacements_by_replaced ON replacements (replaced);
INSERT INTO replacements (proposal, replaced)
    SELECT DISTINCT proposals.id, decode(earlier.value, 'hex')
    FROM proposals, jsonb_array_elements_text(
        CASE WHEN position('\u0000' IN convert_from(proposals.statement, 'UTF8')) = 0
        THEN convert_from(proposals.statement, 'UTF8')::jsonb #> '{object,supersedes}' END
    ) AS earlier (value);
-- Which votes the evidence of a fault names.
CREATE TABLE fault_votes (
    vote BYTEA NOT NULL,
    fault BYTEA NOT NULL,
    PRIMARY KEY (vote, fault)
);
INSERT INTO fault_votes (vote, fault)
    SELECT proposals.digest, faults.digest FROM proposals, faults
    WHERE proposals.digest IS NOT NULL AND position(encode(proposals.digest, 'hex') IN convert_from(faults.report, 'UTF8')) > 0;
-- What nodes stated of a member's place on the roll, and whether it changes a place that there is.
CREATE TABLE roll_entries (
    member TEXT NOT NULL,
    journal TEXT NOT NULL,
    position BIGINT NOT NULL,
    statement BYTEA NOT NULL,
    change BIGINT NOT NULL,
    PRIMARY KEY (member, journal, position)
);
INSERT INTO roll_entries (member, journal, position, statement, change)
    SELECT convert_from(bytes, 'UTF8')::jsonb #>> '{object,member}', journal, position, digest, CASE convert_from(bytes, 'UTF8')::jsonb #>> '{object,change}' WHEN 'true' THEN 1 ELSE 0 END
    FROM entries
    WHERE kind = 'RollEntry' AND bytes IS NOT NULL AND CASE WHEN bytes IS NULL THEN FALSE ELSE position('\u0000' IN convert_from(bytes, 'UTF8')) = 0 END;
-- The orders of lists.
CREATE INDEX proposals_by_state_updated_at_key_visibility ON proposals (state, updated_at, key, visibility);
CREATE INDEX proposals_by_state_closes_key_visibility ON proposals (state, closes, key, visibility);
CREATE INDEX proposals_by_state_review_key ON proposals (state, review, key);
CREATE INDEX proposals_by_proposer ON proposals (proposer);
CREATE INDEX proposals_by_node ON proposals (node);
CREATE INDEX proposal_versions_by_proposal_version_published ON proposal_versions (proposal, version, published, digest);
CREATE INDEX decisions_by_closed_at_proposal ON decisions (closed_at, proposal);
CREATE INDEX comments_by_proposal_published_id ON comments (proposal, published, id);
CREATE INDEX entries_by_kind_published_digest ON entries (kind, published, digest);
CREATE INDEX requests_by_at_id ON requests (at, id);
CREATE INDEX requests_by_member ON requests (member);
CREATE INDEX members_by_name_member ON members (name, member);
CREATE INDEX members_by_class_name_member ON members (class, name, member);
CREATE INDEX members_by_sponsor_name_member ON members (sponsor, name, member);
CREATE INDEX faults_by_found_at_digest ON faults (found_at, digest);
CREATE INDEX faults_by_culprit ON faults (culprit);
CREATE INDEX notices_by_published_digest ON notices (published, digest);
CREATE INDEX accounts_by_person ON accounts (person);
-- The longer indexes have them.
DROP INDEX proposals_by_state;
DROP INDEX comments_by_proposal;
