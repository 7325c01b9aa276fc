//! Private authorities and client certificates, against nginx where it is installed.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use counterpart::event::{Event, Verdict};
use counterpart::target::{CertificateAuthorities, ClientIdentity, Target, TlsSettings};

use super::super::run_all;
use super::{run_steps, shown};

/// An nginx with a certificate of a private authority, which verifies those of clients. It ends with the test.
struct Nginx {
    process: Child,
    folder: tempfile::TempDir,
    url: String,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_installed(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    let command = command
        .arg(argument)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// `ca.pem`; `server.pem` for 127.0.0.1; `device.pem`; each with its key.
fn certificates(folder: &Path) {
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3 -subj /CN=authority -addext basicConstraints=critical,CA:TRUE",
    );
    for (name, extension) in [
        (
            "server",
            "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth",
        ),
        ("device", "extendedKeyUsage=clientAuth"),
    ] {
        std::fs::write(folder.join("extensions"), extension).unwrap();
        openssl(
            folder,
            &format!(
                "req -newkey rsa:2048 -nodes -keyout {name}.key -out {name}.csr -subj /CN={name}"
            ),
        );
        openssl(
            folder,
            &format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem -days 3 -extfile extensions"
            ),
        );
    }
}

/// `None`, with a message, where nginx or openssl is not installed.
fn nginx() -> Option<Nginx> {
    if !is_installed("nginx", "-v") || !is_installed("openssl", "version") {
        println!("skipped: nginx and openssl are not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let path = folder.path().display();
    let configuration = format!(
        "pid {path}/pid; error_log {path}/error.log; events {{ }}
        http {{
          access_log off; default_type application/json;
          client_body_temp_path {path}; proxy_temp_path {path}; fastcgi_temp_path {path}; uwsgi_temp_path {path}; scgi_temp_path {path};
          server {{
            listen 127.0.0.1:{port} ssl;
            ssl_certificate {path}/server.pem; ssl_certificate_key {path}/server.key;
            ssl_client_certificate {path}/ca.pem; ssl_verify_client optional;
            location /open {{ return 200 '{{\"id\":1}}'; }}
            location /device {{ if ($ssl_client_verify != SUCCESS) {{ return 403 '{{}}'; }} return 200 '{{\"id\":1}}'; }}
          }}
        }}"
    );
    std::fs::write(folder.path().join("nginx.conf"), configuration).unwrap();
    let process = Command::new("nginx")
        .args([
            "-p",
            folder.path().to_str().unwrap(),
            "-c",
            "nginx.conf",
            "-g",
            "daemon off;",
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let nginx = Nginx {
        process,
        folder,
        url: format!("https://127.0.0.1:{port}"),
    };
    for _ in 0..500 {
        if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return Some(nginx);
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    panic!(
        "nginx does not listen: {:?}",
        std::fs::read_to_string(nginx.folder.path().join("error.log"))
    );
}

impl Nginx {
    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn pem(&self, names: &[&str]) -> Vec<u8> {
        let files = names
            .iter()
            .map(|name| std::fs::read(self.file(name)).unwrap());
        files.collect::<Vec<_>>().concat()
    }

    fn target(&self, tls: TlsSettings) -> Target {
        let mut target = Target::parse(&self.url).unwrap();
        target.tls = tls;
        target
    }

    fn trusted(&self) -> TlsSettings {
        TlsSettings {
            ca: Some(CertificateAuthorities {
                name: "ca.pem".to_owned(),
                pem: self.pem(&["ca.pem"]),
            }),
            insecure: false,
        }
    }
}

const SYSTEM: &str = "auth: { device: client_certificate }";

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_servers_and_clients() {
    let Some(nginx) = nginx() else {
        return;
    };
    let open = "{ send: GET /open }";
    let events = run_all(
        nginx.target(TlsSettings::default()),
        SYSTEM,
        "cases: [ { name: a, send: GET /open } ]",
        1,
    )
    .await;
    let lost = events.iter().find_map(|event| match event {
        Event::TargetLost(lost) => Some(lost.error.kind.to_string()),
        _ => None,
    });
    assert_eq!(lost.as_deref(), Some("tls-failed"));
    let trusted = run_steps(nginx.target(nginx.trusted()), SYSTEM, open).await;
    assert_eq!(trusted.verdict, Verdict::Passed, "{}", shown(&trusted));
    let insecure = TlsSettings {
        ca: None,
        insecure: true,
    };
    let accepted = run_steps(nginx.target(insecure), SYSTEM, open).await;
    assert_eq!(accepted.verdict, Verdict::Passed, "{}", shown(&accepted));

    let identity = ClientIdentity {
        name: "device.pem".to_owned(),
        pem: nginx.pem(&["device.pem", "device.key"]),
    };
    let target = nginx
        .target(nginx.trusted())
        .with_identity("device", identity);
    let steps = "{ send: GET /device, as: device, expect: { status: 200 } },
        { send: GET /device, expect: { status: 403 } },
        { send: GET /device, as: device, expect: { status: 200 } }";
    let case = run_steps(target, SYSTEM, steps).await;
    assert_eq!(case.verdict, Verdict::Passed, "{}", shown(&case));
}

#[tokio::test]
async fn files_that_are_no_certificates_are_named() {
    let mut target = Target::parse("https://127.0.0.1:1").unwrap();
    target.tls.ca = Some(CertificateAuthorities {
        name: "ca.pem".to_owned(),
        pem: b"junk".to_vec(),
    });
    let client = counterpart::exchange::Client::new(&target);
    assert_eq!(
        client.unwrap_err().to_string(),
        "ca.pem has no certificates in PEM"
    );
    let target = Target::parse("https://127.0.0.1:1").unwrap();
    let client = counterpart::exchange::Client::new(&target).unwrap();
    let identity = ClientIdentity {
        name: "device.pem".to_owned(),
        pem: b"junk".to_vec(),
    };
    assert!(!format!("{identity:?}").contains("junk"));
    let refused = client.with_identity(identity).unwrap_err().to_string();
    assert!(
        refused.starts_with("device.pem and its key are not a client certificate: "),
        "{refused}"
    );
}
