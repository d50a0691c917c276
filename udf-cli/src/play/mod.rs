//! `udf play`: a page on this machine that shows what a UDF makes of data, and follows its options.

mod answers;
mod data;
mod guard;
mod page;
mod pages;
mod server;
mod watch;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;

use tokio::net::TcpListener;

use crate::program::{Bounds, Program, SettingsArguments};

use data::Loaded;
use server::App;

/// Open a page that shows what a UDF makes of data while its options move
///
/// The page is served to this machine alone, at an address with a secret. It runs no other program than the
/// given one.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The program of the UDFs
    #[arg(value_name = "PROGRAM")]
    program: PathBuf,
    #[command(flatten)]
    settings: SettingsArguments,
    /// Run again when the program is built again
    #[arg(long)]
    watch: bool,
    /// Only print the address
    #[arg(long)]
    no_open: bool,
    /// Listen on this port in place of a free one
    #[arg(long, default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    bounds: Bounds,
}

/// Runs the command until it is interrupted.
pub(crate) fn run(arguments: Arguments) -> Result<ExitCode, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let ended = runtime.block_on(serve(arguments));
    // A thread that still reads an output holds nothing that must be saved.
    runtime.shutdown_background();
    ended.map(|()| ExitCode::SUCCESS)
}

async fn serve(arguments: Arguments) -> Result<(), String> {
    let program = Program::read(&arguments.program).await?;
    if arguments.settings.udf.is_some() || !arguments.settings.set.is_empty() {
        // Options belong to one UDF.
        program.udf(arguments.settings.udf.as_deref())?;
    }
    let data = Loaded::read(&arguments.settings.files)?;
    let listener = TcpListener::bind(("127.0.0.1", arguments.port)).await;
    let listener = listener
        .map_err(|error| format!("cannot listen on 127.0.0.1:{}: {error}", arguments.port))?;
    let port = listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port();
    let token = guard::token()?;
    let address = format!("http://127.0.0.1:{port}/{token}/");
    let app = Arc::new(App::new(
        program,
        data,
        arguments.settings,
        arguments.bounds,
        arguments.watch,
    ));

    println!("{address}");
    eprintln!(
        "The page runs {} and no other program. Ctrl-C ends it.",
        app.shown()
    );
    if !arguments.no_open {
        open(&address);
    }
    let watching = async {
        match arguments.watch {
            true => watch::watch(&app, &arguments.program).await,
            false => std::future::pending().await,
        }
    };
    let interrupted = async {
        // Where no signal can be waited for, the signal ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        served = axum::serve(listener, server::router(app.clone(), &token, port)) => served.map_err(|error| error.to_string()),
        () = watching => Ok(()),
        () = interrupted => Ok(()),
    }
}

/// Opens a browser, if there is a screen.
fn open(address: &str) {
    let is_mac = cfg!(target_os = "macos");
    let displays = ["DISPLAY", "WAYLAND_DISPLAY"];
    let has_screen = is_mac || displays.iter().any(|name| std::env::var_os(name).is_some());
    if !has_screen || !std::io::stdout().is_terminal() {
        return;
    }
    // The address is on the terminal as well.
    let _ = Command::new(if is_mac { "open" } else { "xdg-open" })
        .arg(address)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}
