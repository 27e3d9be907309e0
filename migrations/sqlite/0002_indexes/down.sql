DROP INDEX rates_by_window_start;
DROP INDEX sessions_by_expires_at;
DROP INDEX requests_by_state;
DROP INDEX mandates_by_holder;
DROP INDEX deliveries_by_peer_kind_id;
DROP INDEX entries_by_subject_journal_position;
