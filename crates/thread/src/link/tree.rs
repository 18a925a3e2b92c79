//! Forests without loops.

use crate::order::NONE;
use crate::policy::Link;
use std::cmp::Reverse;
use threadfold_core::Passing;

/// Headers lie, and clocks do: parents may form a loop. Each loop is opened at its weakest link, of several
/// at the earliest message. Returns how many there were. Linear, and without recursion: a thread may be as deep as it is long.
pub(super) fn cut_loops(parent: &mut [u32], how: &mut [Link]) -> usize {
    // 0: not seen; otherwise one more than the number of the walk that came by.
    let mut seen = Passing::from(vec![0u32; parent.len()]);
    let mut loops = 0;
    for start in 0..parent.len() {
        let walk = start as u32 + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            match parent[at] {
                NONE => break,
                p => at = p as usize,
            }
        }
        if seen[at] != walk || parent[at] == NONE {
            continue;
        }
        // The walk met itself: `at` is on a loop.
        let doubt = |x: usize| (weakness(how[x]), Reverse(x));
        let (mut weakest, mut x) = (at, parent[at] as usize);
        while x != at {
            if doubt(x) > doubt(weakest) {
                weakest = x;
            }
            x = parent[x] as usize;
        }
        parent[weakest] = NONE;
        how[weakest] = Link::Root;
        loops += 1;
    }
    loops
}

fn weakness(how: Link) -> u8 {
    match how {
        Link::References | Link::InReplyTo => 0,
        Link::ThreadIndex => 1,
        Link::Quote => 2,
        Link::Root | Link::Copy | Link::Provider | Link::Ticket | Link::Subject => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_loops_open_at_their_earliest() {
        let mut parent = [NONE, 2, 3, 1, 4, 3, 5];
        let mut how = [Link::References; 7];
        assert_eq!(cut_loops(&mut parent, &mut how), 2);
        assert_eq!(parent, [NONE, NONE, 3, 1, NONE, 3, 5]);
        assert_eq!(cut_loops(&mut parent, &mut how), 0);
    }

    #[test]
    fn loops_open_at_their_weakest() {
        let mut parent = [1, 2, 0];
        let mut how = [Link::InReplyTo, Link::Subject, Link::References];
        assert_eq!(cut_loops(&mut parent, &mut how), 1);
        assert_eq!(parent, [1, NONE, 0]);
    }

    #[test]
    fn a_deep_chain_is_no_problem() {
        let n = 200_000u32;
        let mut parent: Vec<u32> = (0..n).map(|i| if i + 1 == n { 0 } else { i + 1 }).collect();
        assert_eq!(cut_loops(&mut parent, &mut vec![Link::References; n as usize]), 1);
        assert_eq!(parent[0], NONE);
    }
}
