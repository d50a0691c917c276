//! The parts of the compose file fit together. Kapacitor and the UDF run with their command lines and
//! configuration, but in this system's places: there is no engine for containers here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use deploy_tests::{PROJECT, UDF, compose, program, project};
use kapacitor_tests::{DATABASE, Influx, Kapacitor, RETENTION_POLICY, wait};
use serde_json::Value;
use support::process::Started;

fn compose_file() -> Value {
    let text = fs::read_to_string(compose()).expect("the compose file");
    serde_json::from_str(&text).expect("it is JSON")
}

/// Type, source and target of a service's volumes.
fn volumes(service: &Value) -> BTreeSet<[&str; 3]> {
    let volumes = service["volumes"].as_array().map(Vec::as_slice);
    let of = |volume| ["type", "source", "target"].map(|key| text(volume, key));
    volumes.unwrap_or_default().iter().map(of).collect()
}

fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object[key].as_str().expect("a text")
}

/// The folder of the socket in the containers.
fn socket_folder() -> String {
    format!("/run/{PROJECT}")
}

#[test]
fn the_udf_and_kapacitor_share_the_folder_of_the_socket() {
    let compose = compose_file();
    let services = compose["services"].as_object().expect("services");
    let names: BTreeSet<_> = services.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        BTreeSet::from(["influxdb", "kapacitor", "telegraf", "udf"])
    );
    for service in ["udf", "kapacitor"] {
        let volumes = volumes(&services[service]);
        assert!(
            volumes.contains(&["volume", "sockets", &socket_folder()]),
            "{volumes:?}"
        );
    }
}

#[test]
fn all_that_is_mounted_is_there() {
    let compose = compose_file();
    let declared = compose["volumes"].as_object().expect("volumes");
    let mut mounted = 0;
    for service in compose["services"].as_object().expect("services").values() {
        for [kind, source, _] in volumes(service) {
            let is_there = match kind {
                "volume" => declared.contains_key(source),
                _ => Path::new(source).is_file(),
            };
            assert!(is_there, "{source}");
            mounted += 1;
        }
    }
    assert_eq!(mounted, 6);
}

/// The arguments that the image gives to the program.
fn image_arguments() -> Vec<String> {
    let text = fs::read_to_string(project().join("Containerfile")).expect("the Containerfile");
    let arguments = text.lines().find_map(|line| line.strip_prefix("CMD "));
    serde_json::from_str(arguments.expect("it has CMD")).expect("a list")
}

#[test]
fn kapacitor_finds_the_socket_and_runs_the_task() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let here = |path: &str| folder.path().join(path).display().to_string();
    let sockets = here("sockets");
    fs::create_dir(&sockets).expect("it is empty");

    let arguments = image_arguments();
    let arguments = arguments
        .iter()
        .map(|text| text.replace(&socket_folder(), &sockets));
    let mut command = Command::new(program());
    let _server = Started::new(command.args(arguments).stdin(Stdio::null()));
    let socket = folder.path().join(format!("sockets/{UDF}.sock"));
    wait::until("the socket", || {
        socket
            .exists()
            .then_some(())
            .ok_or_else(|| "there is none".into())
    });

    // What compose.yaml mounts, with the database of the test.
    let script = fs::read_to_string(project().join(format!("{UDF}.tick"))).expect("the TICKscript");
    let database = format!("dbrp \"{DATABASE}\".\"{RETENTION_POLICY}\"");
    let script = script.replace("dbrp \"telegraf\".\"autogen\"", &database);
    fs::create_dir_all(here("load/tasks")).expect("it is empty");
    fs::write(here(&format!("load/tasks/{UDF}.tick")), script).expect("there is space");

    let influx = Influx::start();
    let mut config = fs::read_to_string(project().join("deploy/compose/kapacitor.conf"))
        .expect("the configuration");
    for (there, here) in [
        (&*socket_folder(), &*sockets),
        ("/var/lib/kapacitor", &here("data")),
        ("/etc/kapacitor/load", &here("load")),
        ("http://influxdb:8086", influx.url()),
        ("hostname = \"kapacitor\"", "hostname = \"localhost\""),
    ] {
        assert!(config.contains(there), "{there}");
        config = config.replace(there, here);
    }
    let kapacitor = Kapacitor::builder().file(&config).start();
    // It listens before it loads the tasks.
    kapacitor.log_line("msg=\"started task\"");
    kapacitor.write("cpu,cpu=cpu-total,host=a usage_user=60 1\n");
    let task = kapacitor.task(UDF);
    task.output_when(UDF, |output| output["series"][0]["values"][0][1] == 1);
    assert_eq!(task.error(), "");
}
