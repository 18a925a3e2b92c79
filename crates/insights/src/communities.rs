//! Groups in a graph of likeness, as many as the graph itself has.
//!
//! The two-level map equation (Rosvall and Bergstrom, "Maps of random walks on complex networks reveal
//! community structure", PNAS 105, 2008): the best groups are those with which the walk of a random walker
//! takes the fewest bits to tell. No number of groups and no resolution has to be given. Moves of single
//! nodes and of groups follow Louvain; groups are then taken apart and put together again until nothing gets
//! shorter (as in "Infomap" by the same authors). `granularity` is Markov time (Kheirkhahzadeh, Lancichinetti
//! and Rosvall, 2016), inverted: above 1 groups are smaller, below 1 larger.

use crate::neighbours::Graph;

/// A symmetric graph with weights, in rows.
struct Rows {
    starts: Vec<u32>,
    to: Vec<u32>,
    weights: Vec<f32>,
    /// Sum of a node's weights, loops included.
    strengths: Vec<f64>,
}

/// The group of each node, numbered from 0 in the order of their first nodes.
///
/// Where the climb ends depends on the order of the nodes. As many orders are tried as so many `edges` allow, and
/// the shortest description wins.
pub(crate) fn communities(graph: &Graph, granularity: f64, edges: usize) -> Vec<u32> {
    let rows = Rows::symmetric(graph);
    let total: f64 = rows.strengths.iter().sum();
    if total <= 0.0 {
        return (0..graph.len() as u32).collect();
    }
    let time = 1.0 / granularity;
    let mut best: Option<(f64, Vec<u32>)> = None;
    for trial in 0..(edges / rows.to.len().max(1)).clamp(1, MOST_ORDERS) {
        let mut groups = climb(&rows, total, time, None, trial);
        for _ in 0..3 {
            // Single nodes may move again between the groups found, then whole groups.
            let again = climb(&rows, total, time, Some(&groups), trial);
            if again == groups {
                break;
            }
            groups = again;
        }
        let bits = rows.bits(&groups, total, time);
        if best.as_ref().is_none_or(|b| bits < b.0 - 1e-12) {
            best = Some((bits, groups));
        }
    }
    best.map(|b| b.1).unwrap_or_default()
}

/// Beyond this many orders another hardly finds a shorter description.
const MOST_ORDERS: usize = 16;

impl Rows {
    /// How long the walk's description is with these groups, but for what no grouping changes.
    fn bits(&self, groups: &[u32], total: f64, time: f64) -> f64 {
        let (mut flow, mut exit) = (vec![0.0; self.len()], vec![0.0; self.len()]);
        for (i, &g) in groups.iter().enumerate() {
            flow[g as usize] += self.strengths[i] / total;
            let out = self.row(i).filter(|&(j, _)| groups[j] != g).map(|(_, w)| w);
            exit[g as usize] += out.sum::<f64>() / total * time;
        }
        let each = exit.iter().zip(&flow).map(|(&q, &p)| plogp(q + p) - 2.0 * plogp(q));
        plogp(exit.iter().sum()) + each.sum::<f64>()
    }

    fn symmetric(graph: &Graph) -> Rows {
        let n = graph.len();
        let mut counts = vec![0u32; n + 1];
        for (i, row) in graph.iter().enumerate() {
            for &(j, _) in row {
                counts[i + 1] += 1;
                counts[j as usize + 1] += 1;
            }
        }
        for i in 0..n {
            counts[i + 1] += counts[i];
        }
        let size = counts[n] as usize;
        let (mut to, mut weights) = (vec![0u32; size], vec![0f32; size]);
        let mut filled = counts.clone();
        let mut put = |i: usize, j: u32, w: f32| {
            let at = filled[i] as usize;
            (to[at], weights[at]) = (j, w);
            filled[i] += 1;
        };
        for (i, row) in graph.iter().enumerate() {
            for &(j, w) in row {
                put(i, j, w / 2.0);
                put(j as usize, i as u32, w / 2.0);
            }
        }
        let mut strengths = vec![0.0; n];
        for i in 0..n {
            let own = counts[i] as usize..counts[i + 1] as usize;
            strengths[i] = weights[own].iter().map(|&w| f64::from(w)).sum();
        }
        Rows { starts: counts, to, weights, strengths }
    }

    fn row(&self, i: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let own = self.starts[i] as usize..self.starts[i + 1] as usize;
        self.to[own.clone()].iter().zip(&self.weights[own]).map(|(&j, &w)| (j as usize, f64::from(w)))
    }

    fn len(&self) -> usize {
        self.strengths.len()
    }

    /// One node a group.
    fn condensed(&self, groups: &[u32], count: usize) -> Rows {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); count];
        for (i, &g) in groups.iter().enumerate() {
            members[g as usize].push(i as u32);
        }
        let mut rows =
            Rows { starts: vec![0], to: Vec::new(), weights: Vec::new(), strengths: vec![0.0; count] };
        let mut sums = vec![0.0f64; count];
        let mut seen = Vec::new();
        for (g, nodes) in members.iter().enumerate() {
            for &i in nodes {
                rows.strengths[g] += self.strengths[i as usize];
                for (j, w) in self.row(i as usize) {
                    let h = groups[j] as usize;
                    if h != g {
                        if sums[h] == 0.0 {
                            seen.push(h as u32);
                        }
                        sums[h] += w;
                    }
                }
            }
            seen.sort_unstable();
            for h in seen.drain(..) {
                rows.to.push(h);
                rows.weights.push(std::mem::take(&mut sums[h as usize]) as f32);
            }
            rows.starts.push(rows.to.len() as u32);
        }
        rows
    }
}

fn plogp(p: f64) -> f64 {
    if p > 0.0 { p * p.log2() } else { 0.0 }
}

/// Moves nodes, then groups of nodes, until the description gets no shorter.
fn climb(rows: &Rows, total: f64, time: f64, from: Option<&[u32]>, trial: usize) -> Vec<u32> {
    let (mut groups, mut count) = moves(rows, total, time, from, trial);
    loop {
        let condensed = rows.condensed(&groups, count);
        let (above, fewer) = moves(&condensed, total, time, None, trial);
        if fewer == count {
            break;
        }
        groups.iter_mut().for_each(|g| *g = above[*g as usize]);
        count = fewer;
    }
    renumber(&mut groups);
    groups
}

/// One level: single moves until nothing improves.
fn moves(rows: &Rows, total: f64, time: f64, from: Option<&[u32]>, trial: usize) -> (Vec<u32>, usize) {
    let n = rows.len();
    let mut group: Vec<u32> = from.map_or_else(|| (0..n as u32).collect(), <[u32]>::to_vec);
    let mut flow = vec![0.0; n];
    let mut exit = vec![0.0; n];
    for i in 0..n {
        let g = group[i] as usize;
        flow[g] += rows.strengths[i] / total;
        exit[g] +=
            rows.row(i).filter(|&(j, _)| group[j] != group[i]).map(|(_, w)| w).sum::<f64>() / total * time;
    }
    let mut exits: f64 = exit.iter().sum();
    // Logarithms are what all this costs: those of groups as they are, and of all exits, are kept.
    let left = |q: f64, p: f64| -2.0 * plogp(q) + plogp(q + p);
    let mut as_it_is: Vec<f64> = exit.iter().zip(&flow).map(|(&q, &p)| left(q, p)).collect();
    let mut exits_bits = plogp(exits);
    let mut order: Vec<u32> = (0..n as u32).collect();
    shuffle(&mut order, trial);
    let mut sums = vec![0.0f64; n];
    let mut seen: Vec<u32> = Vec::new();
    let mut active = vec![true; n];
    for _ in 0..30 {
        let mut moved = 0usize;
        for &i in &order {
            let i = i as usize;
            if !std::mem::take(&mut active[i]) {
                continue;
            }
            let own = group[i] as usize;
            let mut out = 0.0;
            for (j, w) in rows.row(i) {
                let h = group[j] as usize;
                let w = w / total * time;
                out += w;
                if sums[h] == 0.0 {
                    seen.push(h as u32);
                }
                sums[h] += w;
            }
            let strength = rows.strengths[i] / total;
            // Leaving the own group.
            let exit_without = exit[own] - out + 2.0 * sums[own];
            let flow_without = flow[own] - strength;
            let own_change = left(exit_without.max(0.0), flow_without.max(0.0)) - as_it_is[own];
            let (mut best, mut best_change) = (own, -1e-10);
            for &h in &seen {
                let h = h as usize;
                if h == own {
                    continue;
                }
                let exit_with = exit[h] + out - 2.0 * sums[h];
                let exits_then = exits - exit[own] - exit[h] + exit_without + exit_with;
                let change = plogp(exits_then.max(0.0)) - exits_bits
                    + own_change
                    + left(exit_with.max(0.0), flow[h] + strength)
                    - as_it_is[h];
                if change < best_change - 1e-12 || (change < best_change + 1e-12 && best != own && h < best) {
                    (best, best_change) = (h, change);
                }
            }
            if best != own {
                let exit_with = exit[best] + out - 2.0 * sums[best];
                exits += exit_without + exit_with - exit[own] - exit[best];
                exit[own] = exit_without;
                exit[best] = exit_with;
                flow[own] = flow_without;
                flow[best] += strength;
                for g in [own, best] {
                    as_it_is[g] = left(exit[g], flow[g]);
                }
                exits_bits = plogp(exits);
                group[i] = best as u32;
                moved += 1;
                rows.row(i).for_each(|(j, _)| active[j] = true);
            }
            seen.drain(..).for_each(|h| sums[h as usize] = 0.0);
        }
        if moved == 0 {
            break;
        }
    }
    let count = renumber(&mut group);
    (group, count)
}

fn renumber(groups: &mut [u32]) -> usize {
    let mut names = vec![u32::MAX; groups.iter().max().map_or(0, |&m| m as usize + 1)];
    let mut count = 0;
    for g in groups {
        let name = &mut names[*g as usize];
        if *name == u32::MAX {
            *name = count;
            count += 1;
        }
        *g = *name;
    }
    count as usize
}

/// A fixed disorder for each trial: the order of the archive must not favour its first messages.
fn shuffle(order: &mut [u32], trial: usize) {
    let mut state =
        0x2545_f491_4f6c_dd1d_u64.wrapping_add((trial as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    for i in (1..order.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        order.swap(i, (state % (i as u64 + 1)) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_cliques_with_a_bridge_are_two_groups() {
        let mut graph: Graph = vec![Vec::new(); 10];
        for base in [0u32, 5] {
            for a in base..base + 5 {
                for b in base..base + 5 {
                    if a != b {
                        graph[a as usize].push((b, 0.8));
                    }
                }
            }
        }
        graph[4].push((5, 0.2));
        assert_eq!(communities(&graph, 1.0, 0), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    }

    #[test]
    fn nodes_without_edges_stay_alone() {
        assert_eq!(communities(&vec![Vec::new(); 3], 1.0, 0), [0, 1, 2]);
        assert!(communities(&Vec::new(), 1.0, 0).is_empty());
    }
}
