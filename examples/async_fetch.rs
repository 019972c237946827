//! Ten web pages, a hundred requests and twenty files: fetched one after another, then all at once.
//!
//! The server is in the example: HTTP/1.1 on this machine's own network, and each answer takes it a moment. Prints how long both
//! ways took, and leaves `async_fetch-trace.json`, their timeline (open it at <https://ui.perfetto.dev>).

use gordian::{Ext, task::named, tokio};
use std::{
    collections::HashMap,
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{Mutex, Semaphore},
    task::JoinSet,
    time::sleep,
};

const PAGES: usize = 10;
const REQUESTS: usize = 100;
const FILES: usize = 20;
/// What an answer takes the server.
const LATENCY: Duration = Duration::from_millis(5);
/// Connections at once.
const CONNECTIONS: usize = 32;
const TRACE: &str = "async_fetch-trace.json";

/// Everything that is fetched, by name: how many bytes it has.
type Sizes = HashMap<String, usize>;

#[tokio::main]
async fn main() -> io::Result<()> {
    let session = gordian::builder().trace(TRACE).start();
    let folder = Files::write()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(named("server", serve(listener)));

    let jobs = jobs(address, &folder.0);
    let began = Instant::now();
    let one_by_one = one_after_another(&jobs).await?;
    let (apart, began) = (began.elapsed(), Instant::now());
    let at_once = together(jobs).await?;
    let beside = began.elapsed();

    assert_eq!(one_by_one, at_once, "both ways fetch the same");
    let bytes: usize = at_once.values().sum();
    println!("{PAGES} pages, {REQUESTS} requests and {FILES} files: {bytes} bytes");
    println!("one after another: {apart:.0?}");
    println!("all at once:       {beside:.0?}");
    server.abort();
    drop(session);
    if Path::new(TRACE).exists() {
        println!("their timeline: {TRACE}");
    }
    Ok(())
}

// ---- what is fetched ----

#[derive(Clone)]
enum Job {
    Get { address: SocketAddr, path: String },
    Read(PathBuf),
}

impl Job {
    fn name(&self) -> String {
        match self {
            Job::Get { path, .. } => path.clone(),
            Job::Read(file) => file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        }
    }

    async fn run(&self) -> io::Result<usize> {
        match self {
            Job::Get { address, path } => get(*address, path).await,
            Job::Read(file) => Ok(tokio::fs::read(file).await?.len()),
        }
    }
}

fn jobs(address: SocketAddr, folder: &Path) -> Vec<Job> {
    let get = |path: String| Job::Get { address, path };
    let pages = (0..PAGES).map(|n| get(format!("/page/{n}")));
    let requests = (0..REQUESTS).map(|n| get(format!("/item/{n}")));
    let files = (0..FILES).map(|n| Job::Read(folder.join(format!("{n}.txt"))));
    pages.chain(requests).chain(files).collect()
}

async fn one_after_another(jobs: &[Job]) -> io::Result<Sizes> {
    let mut sizes = Sizes::new();
    for job in jobs {
        sizes.insert(job.name(), job.run().await?);
    }
    Ok(sizes)
}

async fn together(jobs: Vec<Job>) -> io::Result<Sizes> {
    let sizes = Arc::new(Mutex::new(Sizes::new()).named("sizes"));
    let connections = Arc::new(Semaphore::new(CONNECTIONS).named("connections"));
    let mut fetches = JoinSet::new();
    for job in jobs {
        let (sizes, connections) = (sizes.clone(), connections.clone());
        fetches.spawn(named(job.name(), async move {
            let _permit = connections.acquire().await.expect("never closed");
            let size = job.run().await?;
            sizes.lock().await.insert(job.name(), size);
            io::Result::Ok(())
        }));
    }
    while let Some(fetched) = fetches.join_next().await {
        fetched.expect("no panic")?;
    }
    Ok(std::mem::take(&mut *sizes.lock().await))
}

// ---- HTTP, as much of it as is needed ----

async fn get(address: SocketAddr, path: &str) -> io::Result<usize> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    match answer.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.1 200 ") => Ok(body.len()),
        _ => Err(io::Error::other(format!("{path}: {answer}"))),
    }
}

async fn serve(listener: TcpListener) -> io::Result<()> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => { connections.spawn(named("connection", answer(accepted?.0))); }
            Some(ended) = connections.join_next() => ended.expect("no panic")?,
        }
    }
}

async fn answer(stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut header = String::new();
    while stream.read_line(&mut header).await? > 2 {
        header.clear();
    }
    sleep(LATENCY).await;
    let path = first.split(' ').nth(1).unwrap_or_default();
    let body = match path.strip_prefix("/page/") {
        Some(number) => format!("<!doctype html><title>Page {number}</title>{}", "<p>words</p>".repeat(200)),
        None => format!("{{\"item\": \"{path}\"}}"),
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await?;
    stream.shutdown().await
}

// ---- files ----

/// A folder of files, for as long as it is needed.
struct Files(PathBuf);

impl Files {
    fn write() -> io::Result<Files> {
        let folder = Files(std::env::temp_dir().join(format!("gordian-async_fetch-{}", std::process::id())));
        fs::create_dir_all(&folder.0)?;
        (0..FILES).try_for_each(|n| fs::write(folder.0.join(format!("{n}.txt")), "words\n".repeat(1000 * (n + 1))))?;
        Ok(folder)
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        // What is left of it is in the system's own temporary folder.
        _ = fs::remove_dir_all(&self.0);
    }
}
