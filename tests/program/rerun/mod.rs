//! Consecutive runs of the program against a server on the loopback interface whose faults are switched between (and during) runs.

mod failed;
mod rounds;
mod shop;
#[cfg(unix)]
mod watch;
