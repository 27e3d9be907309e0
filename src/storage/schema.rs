//! The tables, as both databases have them. Times are seconds since 1970; truth values are 0 and 1.

diesel::table! {
    consortium (id) {
        id -> Text,
        genesis -> Binary,
        name -> Text,
        state -> Text,
        invited_by -> Nullable<Text>,
        at -> BigInt,
    }
}

diesel::table! {
    epochs (number) {
        number -> BigInt,
        document -> Binary,
        decided_by -> Binary,
        since -> BigInt,
    }
}

diesel::table! {
    journals (id) {
        id -> Text,
        node -> Text,
        size -> BigInt,
        frontier -> Binary,
        own -> BigInt,
        replaced -> BigInt,
    }
}

diesel::table! {
    entries (journal, position) {
        journal -> Text,
        position -> BigInt,
        digest -> Binary,
        leaf -> Binary,
        kind -> Text,
        subject -> Nullable<Binary>,
        bytes -> Nullable<Binary>,
        visibility -> Text,
        published -> BigInt,
        stored_at -> BigInt,
    }
}

diesel::table! {
    checkpoints (journal, size) {
        journal -> Text,
        size -> BigInt,
        root -> Binary,
        note -> Text,
        certified_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    cosigned (journal, witness) {
        journal -> Text,
        witness -> Text,
        size -> BigInt,
    }
}

diesel::table! {
    proposals (id) {
        id -> Text,
        key -> Text,
        node -> Text,
        proposer -> Text,
        version -> BigInt,
        title -> Text,
        state -> Text,
        digest -> Nullable<Binary>,
        epoch -> BigInt,
        opens -> Nullable<BigInt>,
        closes -> Nullable<BigInt>,
        sitting -> BigInt,
        number -> Nullable<BigInt>,
        statement -> Binary,
        certified_note -> Nullable<Text>,
        updated_at -> BigInt,
        visibility -> Text,
        review -> Nullable<BigInt>,
    }
}

diesel::table! {
    replacements (proposal, replaced) {
        proposal -> Text,
        replaced -> Binary,
    }
}

diesel::table! {
    proposal_versions (proposal, digest) {
        proposal -> Text,
        version -> BigInt,
        digest -> Binary,
        statement -> Binary,
        published -> BigInt,
    }
}

diesel::table! {
    ballots (digest, journal) {
        digest -> Binary,
        proposal -> Binary,
        seat -> BigInt,
        sequence -> BigInt,
        choices -> Text,
        journal -> Text,
        position -> BigInt,
        published -> BigInt,
        key -> Text,
    }
}

diesel::table! {
    comments (id) {
        id -> Text,
        proposal -> Text,
        in_reply_to -> Text,
        author -> Text,
        author_name -> Text,
        source -> Text,
        published -> BigInt,
        journal -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    members (member) {
        member -> Text,
        name -> Text,
        class -> Text,
        level -> Text,
        sponsor -> Text,
        key -> Text,
        custody -> Text,
        status -> Text,
        since -> BigInt,
        until -> Nullable<BigInt>,
        history -> Text,
    }
}

diesel::table! {
    roll_entries (member, journal, position) {
        member -> Text,
        journal -> Text,
        position -> BigInt,
        statement -> Binary,
        change -> BigInt,
    }
}

diesel::table! {
    mandates (organisation, holder, since) {
        organisation -> Text,
        holder -> Text,
        name -> Text,
        key -> Nullable<Text>,
        since -> BigInt,
        until -> Nullable<BigInt>,
    }
}

diesel::table! {
    ignored (statement) {
        statement -> Binary,
        journal -> Text,
        position -> BigInt,
        reason -> Text,
    }
}

diesel::table! {
    decisions (proposal, sitting) {
        proposal -> Binary,
        sitting -> BigInt,
        number -> Nullable<BigInt>,
        outcome -> Binary,
        certificate -> Binary,
        value -> Binary,
        closed_at -> BigInt,
        certified_at -> BigInt,
    }
}

diesel::table! {
    agreements (proposal, sitting, node) {
        proposal -> Binary,
        sitting -> BigInt,
        node -> Text,
        value -> Binary,
        at -> BigInt,
    }
}

diesel::table! {
    pending (statement) {
        statement -> Binary,
        journal -> Text,
        position -> BigInt,
    }
}

diesel::table! {
    faults (digest) {
        digest -> Binary,
        kind -> Text,
        culprit -> Text,
        report -> Binary,
        found_at -> BigInt,
    }
}

diesel::table! {
    fault_votes (vote, fault) {
        vote -> Binary,
        fault -> Binary,
    }
}

diesel::table! {
    notices (digest) {
        digest -> Binary,
        node -> Text,
        subject -> Text,
        source -> Text,
        published -> BigInt,
    }
}

diesel::table! {
    closings (proposal, sitting) {
        proposal -> Binary,
        sitting -> BigInt,
        state -> Text,
        machine -> Nullable<Binary>,
        ready -> BigInt,
        wake_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    snapshots (proposal, sitting) {
        proposal -> Binary,
        sitting -> BigInt,
        notes -> Binary,
    }
}

diesel::table! {
    closing_messages (proposal, sitting, kind, round, signer, value) {
        proposal -> Binary,
        sitting -> BigInt,
        kind -> Text,
        round -> BigInt,
        signer -> BigInt,
        value -> Binary,
        digest -> Binary,
        bytes -> Binary,
        own -> BigInt,
    }
}

diesel::table! {
    epoch_votes (number) {
        number -> BigInt,
        proposal -> Binary,
        sitting -> BigInt,
    }
}

diesel::table! {
    peers (node) {
        node -> Text,
        name -> Text,
        key -> Text,
        rsa -> Text,
        inbox -> Text,
        seen_at -> Nullable<BigInt>,
        failures -> BigInt,
        last_error -> Nullable<Text>,
        fetched_at -> BigInt,
    }
}

diesel::table! {
    progress (journal, peer) {
        journal -> Text,
        peer -> Text,
        size -> BigInt,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        peer -> Text,
        kind -> Text,
        dedupe -> Nullable<Text>,
        body -> Binary,
        attempts -> BigInt,
        next_attempt_at -> BigInt,
        claimed_until -> BigInt,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    accounts (login) {
        login -> Text,
        password -> Text,
        person -> Text,
        name -> Text,
        steward -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (token) {
        token -> Binary,
        login -> Text,
        csrf -> Text,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    tokens (token) {
        token -> Binary,
        login -> Text,
        name -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    receipts (ballot) {
        ballot -> Binary,
        proposal -> Binary,
        member -> Text,
        statement -> Binary,
        at -> BigInt,
    }
}

diesel::table! {
    requests (id) {
        id -> Text,
        state -> Text,
        member -> Text,
        name -> Text,
        class -> Text,
        level -> Text,
        terms -> Binary,
        request -> Text,
        commitment -> Text,
        login -> Nullable<Text>,
        password -> Nullable<Text>,
        application -> Nullable<Binary>,
        reason -> Nullable<Text>,
        at -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        until -> BigInt,
    }
}

diesel::table! {
    rates (bucket) {
        bucket -> Text,
        window_start -> BigInt,
        count -> BigInt,
    }
}

diesel::table! {
    audit (id) {
        id -> BigInt,
        at -> BigInt,
        who -> Text,
        what -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(proposals, closings);
diesel::allow_tables_to_appear_in_same_query!(agreements, decisions, proposals, replacements);
diesel::allow_tables_to_appear_in_same_query!(faults, fault_votes);
diesel::allow_tables_to_appear_in_same_query!(requests, members);
