//! Targets that become unreachable, and runs that are stopped: each is reported once, and no case is counted twice.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use counterpart::event::{Event, Verdict};
use counterpart::report::Report;
use counterpart::target::Target;
use tokio_util::sync::CancellationToken;

use super::server::{Reply, Server, json};
use super::{run_all, run_until};

fn cases(number: usize) -> String {
    let rows: Vec<String> = (0..number).map(|row| format!("{{ n: {row} }}")).collect();
    format!(
        "cases: [ {{ name: 'a {{{{ n }}}}', each: [ {} ], call: GET /thing, query: {{ q: '{{{{ n }}}}' }}, expect: {{ status: 200 }} }} ]",
        rows.join(", ")
    )
}

fn lost(events: &[Event]) -> Vec<usize> {
    let lost = events.iter().filter_map(|event| match event {
        Event::TargetLost(lost) => Some(lost.not_run),
        _ => None,
    });
    lost.collect()
}

fn finished(events: &[Event], verdict: Verdict) -> usize {
    let of =
        |event: &&Event| matches!(event, Event::SubjectFinished(case) if case.verdict == verdict);
    events.iter().filter(of).count()
}

fn frame(events: &[Event]) -> (&Event, &Event) {
    (events.first().unwrap(), events.last().unwrap())
}

#[tokio::test]
async fn an_unreachable_target_is_reported_once() {
    // A port on which nothing listens.
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let target = Target::parse(&format!("http://{address}")).unwrap();
    let events = run_all(target, "", &cases(200), 8).await;
    assert_eq!(lost(&events), [200]);
    let error = events.iter().find_map(|event| match event {
        Event::TargetLost(lost) => Some(lost.error.clone()),
        _ => None,
    });
    let error = error.unwrap();
    let parts = (
        error.kind.as_str(),
        error.message.unescaped(),
        error.advice.as_ref().map(|advice| advice.unescaped()),
    );
    assert_eq!(
        parts,
        (
            "connect-failed",
            "connection refused",
            Some("check that the server is running and that the address is correct")
        )
    );
    assert!(
        !events
            .iter()
            .any(|event| matches!(event, Event::SubjectFinished(_)))
    );
    let (first, last) = frame(&events);
    assert!(matches!(first, Event::RunStarted(_)) && matches!(last, Event::RunFinished(_)));
}

/// The first seven responses are immediate, the next three are late, and connections after that are refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_target_lost_during_a_run_counts_every_case_once() {
    for jobs in [1, 4, 16] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        std::thread::spawn(move || {
            use std::io::{Read, Write};
            let mut held = Vec::new();
            for number in 0..10 {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 4096]).unwrap();
                let response = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{\"id\":1}";
                if number >= 7 {
                    held.push(std::thread::spawn(move || {
                        std::thread::sleep(std::time::Duration::from_millis(150));
                        let _ = stream.write_all(response);
                    }));
                } else {
                    stream.write_all(response).unwrap();
                }
            }
            drop(listener);
            held.into_iter().for_each(|thread| thread.join().unwrap());
        });
        let events = run_all(target, "", &cases(100), jobs).await;
        assert_eq!(lost(&events).len(), 1, "{jobs}");
        let report = Report::from_events(&events);
        assert_eq!(
            report.counts().total(),
            100,
            "{jobs}: {:?}",
            report.counts()
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_never_responds_gives_one_timeout_per_case() {
    let server = Server::start(|_, _| Reply::Hang);
    let mut target = server.target();
    target.limits.total = std::time::Duration::from_millis(100);
    let events = run_all(target, "", &cases(10), 4).await;
    assert_eq!(finished(&events, Verdict::Error), 10);
    assert_eq!(lost(&events), Vec::<usize>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_reports_that_it_was_interrupted() {
    let hanging = Arc::new(AtomicBool::new(false));
    let hangs = Arc::clone(&hanging);
    let server = Server::start(move |_, before| {
        if before < 5 {
            return Reply::Keep(json("200 OK", "{\"id\":1}"));
        }
        hangs.store(true, Ordering::SeqCst);
        Reply::Hang
    });
    let cancel = CancellationToken::new();
    let stop = async {
        while !hanging.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
        cancel.cancel();
    };
    let text = cases(50);
    let (events, ()) = tokio::join!(
        run_until(server.target(), "", &text, 1, cancel.clone()),
        stop
    );
    let Some(Event::RunFinished(end)) = events.last() else {
        panic!("{events:?}");
    };
    assert!(end.interrupted);
    assert_eq!(finished(&events, Verdict::Passed), 5);
    assert_eq!(finished(&events, Verdict::Error), 0);
}
