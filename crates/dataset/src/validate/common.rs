//! What all texts of a file have in common.

use std::hash::Hasher;

use rustc_hash::FxHasher;

/// What all texts begin with.
#[derive(Default)]
pub(crate) struct Common {
    start: Option<String>,
    /// Whether all texts are the same.
    pub(crate) all_same: bool,
    first: u64,
}

impl Common {
    pub(crate) fn add(&mut self, text: &str) {
        /// Longer beginnings in common are reported as this long.
        const LONGEST: usize = 200;
        let mut hasher = FxHasher::default();
        hasher.write(text.as_bytes());
        let hash = hasher.finish();
        match &mut self.start {
            None => {
                self.start = Some(text[..text.floor_char_boundary(LONGEST)].to_owned());
                (self.all_same, self.first) = (true, hash);
            }
            Some(start) => {
                self.all_same &= hash == self.first;
                let same = start.bytes().zip(text.bytes()).take_while(|(a, b)| a == b).count();
                let same = start.floor_char_boundary(same);
                start.truncate(same);
            }
        }
    }

    pub(crate) fn start(&self) -> &str {
        self.start.as_deref().unwrap_or_default()
    }
}
