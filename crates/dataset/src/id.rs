//! Names derived from content: the same in every run and on every machine.

use threadfold_core::{Role, Turn};

/// The id of an example: the first 16 bytes, in hex, of a BLAKE3 hash over the roles and texts of its
/// turns, in order. Who wrote them, when, and in which thread does not matter, so a decision about an
/// example ("leave this one out") survives a new export of a larger mailbox.
///
/// ```
/// # use threadfold_core::{Role, Turn};
/// # let turn = |role, text: &str| Turn { role, author: String::new(), date: None, message_id: None,
/// #     recovered: false, text: text.into() };
/// let a = [turn(Role::Customer, "Hi"), turn(Role::Agent, "Hello")];
/// let mut b = a.clone();
/// b[0].author = "someone else".into();
/// assert_eq!(threadfold_dataset::example_id(&a), threadfold_dataset::example_id(&b));
/// assert_eq!(threadfold_dataset::example_id(&a).len(), 32);
/// ```
pub fn example_id(turns: &[Turn]) -> String {
    let mut hasher = IdHasher::new();
    for turn in turns {
        hasher.turn(turn.role, &turn.text);
    }
    hasher.id()
}

/// The `thread` field of an example: 32 hex digits of a BLAKE3 hash of whatever the caller knows the
/// thread by, so that no Message-ID or subject leaks through a thread's name.
///
/// ```
/// assert_eq!(threadfold_dataset::thread_id("<first@example.com>").len(), 32);
/// ```
pub fn thread_id(thread_key: &str) -> String {
    let mut hasher = blake3::Hasher::new_derive_key("threadfold thread name, version 1");
    hasher.update(thread_key.as_bytes());
    hex16(&hasher)
}

/// A stable 64-bit key of a name, for [`SplitPlan`](crate::SplitPlan): of an example's `thread`, or of
/// whatever ties several threads together (a customer, a cluster of near duplicates).
///
/// ```
/// use threadfold_dataset::group_key;
/// assert_eq!(group_key("thread-1"), group_key("thread-1"));
/// assert_ne!(group_key("thread-1"), group_key("thread-2"));
/// ```
pub fn group_key(name: &str) -> u64 {
    first_u64(blake3::hash(name.as_bytes()).as_bytes())
}

/// A short check value of one turn's text, by which a spreadsheet's row tells whether it was edited.
pub(crate) fn text_check(text: &str) -> String {
    format!("{:016x}", group_key(text))
}

/// Hashes turn by turn, so that the examples of one thread share the work on their common start.
#[derive(Clone)]
pub(crate) struct IdHasher(blake3::Hasher);

impl IdHasher {
    pub(crate) fn new() -> Self {
        IdHasher(blake3::Hasher::new_derive_key("threadfold example id, version 1"))
    }

    /// Role and length go first, so that no two different lists of turns feed the same bytes.
    pub(crate) fn turn(&mut self, role: Role, text: &str) {
        let role = match role {
            Role::Customer => b'c',
            Role::Agent => b'a',
        };
        self.0.update(&[role]);
        self.0.update(&(text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    pub(crate) fn id(&self) -> String {
        hex16(&self.0)
    }
}

fn hex16(hasher: &blake3::Hasher) -> String {
    let hex = hasher.finalize().to_hex();
    hex.as_str()[..32].to_owned()
}

pub(crate) fn first_u64(hash: &[u8; 32]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hash[..8]);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(role: Role, text: &str) -> Turn {
        Turn {
            role,
            author: String::new(),
            date: None,
            message_id: None,
            recovered: false,
            text: text.into(),
        }
    }

    #[test]
    fn ids_are_fixed_for_all_time() {
        // Written down once: a change here breaks every owner's list of reviewed examples.
        let turns = [turn(Role::Customer, "Do you ship to Norway?"), turn(Role::Agent, "Yes.")];
        assert_eq!(example_id(&turns), "9b861e80c554f9fe5f08a8ddcf203eee");
        assert_eq!(thread_id("<first@example.com>"), "0538bbd2144031f7cfa6dc37c83169d6");
    }

    #[test]
    fn borders_and_roles_count() {
        let joined = [turn(Role::Customer, "ab"), turn(Role::Agent, "c")];
        let shifted = [turn(Role::Customer, "a"), turn(Role::Agent, "bc")];
        let swapped = [turn(Role::Agent, "ab"), turn(Role::Customer, "c")];
        assert_ne!(example_id(&joined), example_id(&shifted));
        assert_ne!(example_id(&joined), example_id(&swapped));
    }
}
