//! Where the node stands: its consortium, the chain of epochs, and the journals that count.

use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use folkmoot_governance::epoch::{Epoch, Ratification};
use folkmoot_governance::id::{ConsortiumId, Digest, JournalId, NodeId};
use folkmoot_governance::statement::{Effect, Genesis};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use super::error::{ActionError, Result};
use crate::app::App;
use crate::storage::epochs::EpochRow;
use crate::storage::{Conn, consortium, epochs};

/// The consortium as this node knows it.
#[derive(Debug, Clone)]
pub struct Standing {
    pub state: State,
    chain: Arc<Chain>,
}

/// What follows from the founding document and the decisions that changed it.
#[derive(Debug)]
pub struct Chain {
    pub id: ConsortiumId,
    pub genesis: Genesis,
    /// Epochs 0, 1, …
    pub epochs: Vec<Epoch>,
    /// For every epoch but the last, the certified sizes of the journals by which it was ended.
    pub cuts: Vec<Vec<(JournalId, u64)>>,
}

impl Deref for Standing {
    type Target = Chain;

    fn deref(&self) -> &Chain {
        &self.chain
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// This node has accepted the charter; other founding parties are awaited.
    Proposed,
    Ratified,
}

/// How an epoch followed from the one before: kept so that the chain can be walked again.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EpochChange {
    pub effects: Vec<Effect>,
    pub cut: Vec<(JournalId, u64)>,
}

impl Standing {
    pub fn epoch(&self) -> &Epoch {
        self.epochs.last().expect("a consortium has its genesis epoch")
    }

    pub fn epoch_number(&self, number: u64) -> Option<&Epoch> {
        self.epochs.get(usize::try_from(number).ok()?)
    }

    /// The current journal of `node`, where it is a party.
    pub fn journal_of(&self, node: &NodeId) -> Option<JournalId> {
        let epoch = self.epoch();
        let party = &epoch.parties[epoch.party_of_node(node)?];
        Some(JournalId::new(self.id, &party.node, party.key.as_bytes()))
    }

    /// The journal that this node writes: none while the epoch does not name its key, as before it is admitted and
    /// after it lost its state and made a new key. Its old journal is then mirrored like any other.
    pub fn own_journal(&self, app: &App) -> Option<JournalId> {
        own_place(self.epoch(), app).and_then(|_| self.journal_of(&app.node))
    }

    /// Whoever owned `journal` in any epoch: the node and its key.
    pub fn owner_of(&self, journal: &JournalId) -> Option<(NodeId, folkmoot_governance::key::PublicKey)> {
        self.epochs
            .iter()
            .rev()
            .flat_map(Epoch::journals)
            .find(|j| j.journal == *journal)
            .map(|j| (j.node.clone(), j.key))
    }

    /// Whether `node` is or was a party.
    pub fn knows(&self, node: &NodeId) -> bool {
        self.epochs.iter().any(|epoch| epoch.party_of_node(node).is_some())
    }

    /// How much of `journal` there was when `node` was a party for the last time: all of it while it is one.
    pub fn shared_with(&self, node: &NodeId, journal: &JournalId) -> u64 {
        let Some(last) = self.epochs.iter().rposition(|epoch| epoch.party_of_node(node).is_some()) else { return 0 };
        let Some(cut) = self.cuts.get(last) else { return u64::MAX };
        cut.iter().find(|(known, _)| known == journal).map_or(0, |(_, size)| *size)
    }

    /// Every other node of the current epoch.
    pub fn peers(&self, me: &NodeId) -> Vec<NodeId> {
        self.epoch().parties.iter().map(|p| p.node.clone()).filter(|node| node != me).collect()
    }

    /// Refuses what needs a charter in force.
    pub fn ratified(&self) -> Result<&Epoch> {
        if self.state == State::Ratified {
            return Ok(self.epoch());
        }
        Err(ActionError::refused("not-ratified", "refused-not-ratified"))
    }
}

/// This node's place among the parties of an epoch, where it has the key that the epoch names.
pub fn own_place(epoch: &Epoch, app: &App) -> Option<usize> {
    epoch.party_of_node(&app.node).filter(|place| epoch.parties[*place].key == app.keys.statement.public())
}

/// The consortium that this node belongs to; refuses where there is none yet.
pub async fn load(conn: &mut Conn) -> Result<Standing> {
    find(conn).await?.ok_or_else(none)
}

/// There is none yet.
pub fn none() -> ActionError {
    ActionError::refused("no-consortium", "refused-no-consortium")
}

/// As [`load`], for an action that writes: one at a time on the whole node. Rolls, ratification and decisions are
/// derived from all journals together, and two writers that do not see each other's entries would each miss some.
pub async fn lock(conn: &mut Conn) -> Result<Standing> {
    consortium::lock(conn).await?;
    load(conn).await
}

/// The consortium that this node belongs to, if any.
pub async fn find(conn: &mut Conn) -> Result<Option<Standing>> {
    let Some((id, state)) = consortium::accepted(conn).await? else { return Ok(None) };
    let state = if state == "ratified" { State::Ratified } else { State::Proposed };
    let chain = match CHAINS.get(&(id, epochs::decided_by(conn).await?)) {
        Some(known) => known,
        None => load_chain(conn).await?,
    };
    Ok(Some(Standing { state, chain }))
}

/// Chains by what made them: the founding document's digest, and the decisions of which each has one certified outcome.
/// Nearly every request asks for the same one, and reading a charter costs more than most of them.
static CHAINS: LazyLock<Cache<Origin, Arc<Chain>>> = LazyLock::new(|| Cache::new(16));

type Origin = (ConsortiumId, Vec<Digest>);

/// Remembers no chain: where more than f lie, one vote can come to another outcome when its journals are read again.
pub fn forget_chains() {
    CHAINS.invalidate_all();
}

/// Reads the chain from its documents, and remembers it.
async fn load_chain(conn: &mut Conn) -> Result<Arc<Chain>> {
    let row = consortium::current(conn).await?.ok_or_else(|| ActionError::corrupt("genesis")("it is gone"))?;
    let changes = epochs::all(conn).await?;
    let chain = Arc::new(read_chain(&row.genesis, &changes)?);
    CHAINS.insert((row.id, changes.iter().map(|change| change.decided_by).collect()), chain.clone());
    Ok(chain)
}

fn read_chain(genesis: &[u8], changes: &[EpochRow]) -> Result<Chain> {
    let genesis: Genesis = serde_json::from_slice(genesis).map_err(ActionError::corrupt("genesis"))?;
    let first = Epoch::genesis(&genesis).map_err(|_| ActionError::corrupt("genesis")("its checks fail"))?;
    let (mut epochs, mut cuts) = (vec![first], Vec::new());
    for change in changes {
        let change: EpochChange = serde_json::from_slice(&change.document).map_err(ActionError::corrupt("epoch"))?;
        let last = epochs.last().expect("starts with the genesis epoch");
        epochs.push(last.apply(&change.effects, &change.cut).map_err(ActionError::corrupt("epoch"))?);
        cuts.push(change.cut);
    }
    Ok(Chain { id: epochs[0].consortium, genesis, epochs, cuts })
}

/// Which founding parties have accepted, from the acceptances in all journals.
pub async fn ratification(conn: &mut Conn, standing: &Standing) -> Result<Ratification> {
    let accepted = super::journals::statements_of_kind(conn, "Charter").await?;
    let accepted: Vec<(NodeId, Digest)> = accepted.into_iter().filter_map(acceptance).collect();
    Ok(standing.epochs[0].ratification(&accepted))
}

fn acceptance(entry: super::journals::Stored) -> Option<(NodeId, Digest)> {
    use folkmoot_governance::statement::{Body, Signer};
    match (entry.entry.statement.signer, entry.entry.statement.body) {
        (Signer::Node(node), Body::Charter { digest }) => Some((node, digest)),
        _ => None,
    }
}
