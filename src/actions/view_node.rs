//! How this node is doing: its journal, how far its peers have got with it, and what waits. Reads only.

use folkmoot_governance::id::{Digest, JournalId, NodeId, Time};

use super::error::{ActionError, Result};
use super::standing::{self, Standing};
use crate::app::App;
use crate::storage::{Conn, checkpoints, consortium, deliveries, journals, peers};

/// The node as it stands.
pub struct View {
    /// Absent while the node belongs to no consortium.
    pub standing: Option<Standing>,
    pub state: State,
    pub journal: Option<Journal>,
    pub peers: Vec<Peer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    None,
    /// Somebody invited this node; nobody has answered.
    Invited,
    /// The charter is accepted here, not yet everywhere.
    Proposed,
    Ratified,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Invited => "invited",
            Self::Proposed => "proposed",
            Self::Ratified => "ratified",
        }
    }
}

/// The node's own journal.
#[derive(Debug, Clone)]
pub struct Journal {
    pub id: JournalId,
    pub size: u64,
    pub root: Digest,
    /// What enough parties have cosigned.
    pub certified_size: u64,
}

/// Another party of the epoch, and how it goes with it.
#[derive(Debug, Clone)]
pub struct Peer {
    pub name: String,
    pub node: NodeId,
    /// Entries of its journal that are stored here.
    pub mirrored_size: u64,
    /// Entries of this node's journal that it has acknowledged.
    pub delivered_size: u64,
    /// The largest checkpoint of this node's journal that it has cosigned.
    pub cosigned_size: u64,
    pub failures: u64,
    pub last_error: Option<String>,
    pub last_seen: Option<Time>,
    /// Deliveries that wait for it.
    pub waiting: usize,
}

/// Reads it all.
pub async fn load(conn: &mut Conn, app: &App) -> Result<View> {
    let Some(standing) = standing::find(conn).await? else {
        let invited = !consortium::invitations(conn).await?.is_empty();
        let state = if invited { State::Invited } else { State::None };
        return Ok(View { standing: None, state, journal: None, peers: Vec::new() });
    };
    let state = match standing.state {
        standing::State::Proposed => State::Proposed,
        standing::State::Ratified => State::Ratified,
    };
    let own = standing.own_journal(app);
    let journal = match &own {
        Some(id) => journal(conn, id).await?,
        None => None,
    };
    let peers = peers(conn, app, &standing, own.as_ref()).await?;
    Ok(View { standing: Some(standing), state, journal, peers })
}

async fn journal(conn: &mut Conn, id: &JournalId) -> Result<Option<Journal>> {
    let Some(row) = journals::find(conn, id).await? else { return Ok(None) };
    let frontier = folkmoot_governance::journal::Frontier::from_bytes(&row.frontier)
        .ok_or_else(|| ActionError::corrupt("journal tree")("its frontier is damaged"))?;
    let certified = checkpoints::latest_certified(conn, id).await?;
    Ok(Some(Journal {
        id: id.clone(),
        size: row.size,
        root: frontier.root(),
        certified_size: certified.map_or(0, |row| row.size),
    }))
}

async fn peers(conn: &mut Conn, app: &App, standing: &Standing, own: Option<&JournalId>) -> Result<Vec<Peer>> {
    let known = peers::all(conn).await?;
    let waiting = deliveries::waiting(conn).await?;
    let progress = match own {
        Some(own) => journals::progress(conn, own).await?,
        None => Vec::new(),
    };
    let mut all = Vec::new();
    for party in standing.epoch().parties.iter().filter(|party| party.node != app.node) {
        let journal = JournalId::new(standing.id, &party.node, party.key.as_bytes());
        let mirrored = journals::find(conn, &journal).await?.map_or(0, |row| row.size);
        let cosigned = match own {
            Some(own) => checkpoints::newest_cosigned(conn, own, party.node.as_str()).await?.unwrap_or(0),
            None => 0,
        };
        let row = known.iter().find(|row| row.node == party.node);
        let queue = waiting.iter().find(|(node, _, _)| *node == party.node);
        let failed =
            row.and_then(|row| row.last_error.clone()).or_else(|| queue.and_then(|(_, _, error)| error.clone()));
        all.push(Peer {
            name: party.name.clone(),
            node: party.node.clone(),
            mirrored_size: mirrored,
            delivered_size: progress.iter().find(|(peer, _)| peer == party.node.as_str()).map_or(0, |(_, size)| *size),
            cosigned_size: cosigned,
            failures: row.map_or(0, |row| row.failures),
            last_error: failed,
            last_seen: row.and_then(|row| row.seen_at),
            waiting: queue.map_or(0, |(_, count, _)| *count),
        });
    }
    Ok(all)
}
