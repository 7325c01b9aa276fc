//! The output for CI servers: the program is run and its output read as they do. All requests stay on the loopback interface.

mod github;
mod project;
mod readme;
mod reports;
