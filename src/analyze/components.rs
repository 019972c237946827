//! Strongly connected components.

/// The component of each of `count` nodes, as a number; nodes that can reach each other have the same.
///
/// Tarjan's algorithm with its own stack, as a chain of waits may be as long as there are threads.
pub(super) fn components<'g>(count: usize, successors: impl Fn(usize) -> &'g [usize]) -> Vec<usize> {
    let mut search = Search {
        order: vec![UNSEEN; count],
        low: vec![0; count],
        component: vec![UNSEEN; count],
        open: Vec::new(),
        seen: 0,
        found: 0,
    };
    let mut path: Vec<(usize, usize)> = Vec::new();
    for root in 0..count {
        if search.order[root] != UNSEEN {
            continue;
        }
        search.enter(root);
        path.push((root, 0));
        while let Some((node, next)) = path.last_mut() {
            let node = *node;
            let Some(&to) = successors(node).get(*next) else {
                path.pop();
                search.leave(node, path.last().map(|&(parent, _)| parent));
                continue;
            };
            *next += 1;
            if search.order[to] == UNSEEN {
                search.enter(to);
                path.push((to, 0));
            } else if search.component[to] == UNSEEN {
                search.low[node] = search.low[node].min(search.order[to]);
            }
        }
    }
    search.component
}

const UNSEEN: usize = usize::MAX;

struct Search {
    /// When each node was first seen.
    order: Vec<usize>,
    /// The earliest node that each is known to reach, among those whose component is not closed.
    low: Vec<usize>,
    component: Vec<usize>,
    /// Nodes whose component is not closed.
    open: Vec<usize>,
    seen: usize,
    found: usize,
}

impl Search {
    fn enter(&mut self, node: usize) {
        self.order[node] = self.seen;
        self.low[node] = self.seen;
        self.seen += 1;
        self.open.push(node);
    }

    fn leave(&mut self, node: usize, parent: Option<usize>) {
        if let Some(parent) = parent {
            self.low[parent] = self.low[parent].min(self.low[node]);
        }
        if self.low[node] != self.order[node] {
            return;
        }
        while let Some(member) = self.open.pop() {
            self.component[member] = self.found;
            if member == node {
                break;
            }
        }
        self.found += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::components;

    #[test]
    fn two_rings_and_what_leads_to_them_are_four_components() {
        // 0 → 1 ⇄ 2 → 3 ⇄ 4, and 5 alone.
        let graph: [&[usize]; 6] = [&[1], &[2], &[1, 3], &[4], &[3], &[]];
        let found = components(graph.len(), |node| graph[node]);
        assert_eq!((found[1], found[3]), (found[2], found[4]));
        let mut distinct = found.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 4);
    }

    #[test]
    fn a_ring_of_a_million_does_not_overflow_the_stack() {
        let next: Vec<usize> = (0..1_000_000).map(|node| (node + 1) % 1_000_000).collect();
        let found = components(next.len(), |node| std::slice::from_ref(&next[node]));
        assert!(found.iter().all(|component| *component == found[0]));
    }
}
