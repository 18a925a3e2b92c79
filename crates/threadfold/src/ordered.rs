//! Work on many cores, results in order.
//!
//! Workers take numbered jobs in order; a sink on the calling thread gets the results in exactly that
//! order. A worker never runs more than a fixed distance ahead of the sink, so that what waits in memory
//! is bounded, and the sink's file writes overlap with the work. Output therefore cannot depend on the
//! number of threads.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, PoisonError};

/// How far ahead of the sink a worker may be, in jobs for each worker.
const AHEAD: usize = 8;

struct Shared<T> {
    next_job: usize,
    written: usize,
    ready: BTreeMap<usize, T>,
    /// Set when the sink gave up or a worker died: everybody goes home.
    stop: bool,
}

/// Runs `work` on jobs `0..jobs` with `threads` workers, each with a state of its own, and hands every
/// result to `sink` in the order of the jobs. Ends early with the sink's first error.
///
/// A panic in `work` is carried over to the caller.
pub(crate) fn in_order<S, T: Send, E>(
    jobs: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> T + Sync,
    mut sink: impl FnMut(usize, T) -> Result<(), E>,
) -> Result<(), E> {
    if threads <= 1 || jobs <= 1 {
        let mut s = state();
        return (0..jobs).try_for_each(|job| sink(job, work(&mut s, job)));
    }
    let threads = threads.min(jobs);
    let window = threads * AHEAD;
    let shared = Mutex::new(Shared { next_job: 0, written: 0, ready: BTreeMap::new(), stop: false });
    let (room, result) = (Condvar::new(), Condvar::new());
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                // Whatever ends this worker, the others and the sink must not wait for it.
                let _guard = StopOnPanic { shared: &shared, room: &room, result: &result };
                let mut s = state();
                loop {
                    let job = {
                        let mut sh = lock();
                        while !sh.stop && sh.next_job < jobs && sh.next_job >= sh.written + window {
                            sh = room.wait(sh).unwrap_or_else(PoisonError::into_inner);
                        }
                        if sh.stop || sh.next_job >= jobs {
                            return;
                        }
                        sh.next_job += 1;
                        sh.next_job - 1
                    };
                    let value = work(&mut s, job);
                    let mut sh = lock();
                    sh.ready.insert(job, value);
                    if sh.written == job {
                        result.notify_one();
                    }
                }
            });
        }
        for job in 0..jobs {
            let value = {
                let mut sh = lock();
                loop {
                    if let Some(value) = sh.ready.remove(&job) {
                        break value;
                    }
                    if sh.stop {
                        // A worker panicked; leaving the scope passes the panic on.
                        return Ok(());
                    }
                    sh = result.wait(sh).unwrap_or_else(PoisonError::into_inner);
                }
            };
            let done = sink(job, value);
            let mut sh = lock();
            sh.written = job + 1;
            sh.stop |= done.is_err();
            room.notify_all();
            done?;
        }
        Ok(())
    })
}

struct StopOnPanic<'a, T> {
    shared: &'a Mutex<Shared<T>>,
    room: &'a Condvar,
    result: &'a Condvar,
}

impl<T> Drop for StopOnPanic<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.shared.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
            self.room.notify_all();
            self.result.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_on_any_number_of_threads() {
        for threads in [1, 2, 3, 7] {
            let mut got = Vec::new();
            let r: Result<(), ()> = in_order(
                500,
                threads,
                || 0u64,
                |s, job| {
                    // Uneven work: later jobs of a group finish first.
                    *s = (0..(500 - job as u64) * 50).fold(*s, |a, b| a.wrapping_mul(31).wrapping_add(b));
                    job * 2
                },
                |job, value| {
                    got.push((job, value));
                    Ok(())
                },
            );
            assert_eq!(r, Ok(()));
            assert!(got.iter().enumerate().all(|(i, &(job, value))| i == job && value == 2 * i));
            assert_eq!(got.len(), 500);
        }
    }

    #[test]
    fn the_sinks_error_ends_it() {
        let mut seen = 0;
        let r = in_order(
            1_000,
            2,
            || (),
            |(), job| job,
            |_, value| {
                seen += 1;
                if value == 10 { Err("full") } else { Ok(()) }
            },
        );
        assert_eq!((r, seen), (Err("full"), 11));
    }

    #[test]
    #[should_panic]
    fn a_panic_in_a_worker_reaches_the_caller() {
        let _ = in_order(100, 2, || (), |(), job| assert_ne!(job, 50), |_, ()| Ok::<(), ()>(()));
    }
}
