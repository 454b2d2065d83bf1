//! COMPRESS=DEFLATE (RFC 4978): a stream of raw deflate in each direction over another stream.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop;

/// Compressed bytes read at once, and kept before they are written.
const INPUT: usize = 16 << 10;
const OUTPUT: usize = 64 << 10;

/// The server sent bytes that are no deflate stream.
#[derive(Debug, thiserror::Error)]
#[error("unreadable compressed data")]
pub(super) struct Unreadable;

impl Unreadable {
    /// Whether this is why a read failed.
    pub(super) fn caused(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|inner| inner.is::<Self>())
    }
}

/// The adapter. One read gives at most what its buffer holds, however much a few bytes of the server stand for: what
/// comes out is bounded and counted like anything else the server says.
pub(super) struct Deflate<T> {
    io: T,
    inflate: Decompress,
    input: Vec<u8>,
    start: usize,
    end: usize,
    /// The server ended its stream of deflate.
    ended: bool,
    deflate: Compress,
    output: Vec<u8>,
    written: usize,
    /// Something was written since the last flush.
    dirty: bool,
}

impl<T> Deflate<T> {
    /// `received` is what was read from `io` already and belongs to the compressed stream.
    pub(super) fn new(io: T, received: &[u8]) -> Self {
        let mut input = vec![0; INPUT.max(received.len())];
        input.iter_mut().zip(received).for_each(|(to, from)| *to = *from);
        Self {
            io,
            inflate: Decompress::new(false),
            input,
            start: 0,
            end: received.len(),
            ended: false,
            deflate: Compress::new(Compression::default(), false),
            output: Vec::new(),
            written: 0,
            dirty: false,
        }
    }

    /// Inflates into `out`; answers how much was taken and how much came out.
    fn inflate(&mut self, out: &mut [u8]) -> io::Result<(usize, usize)> {
        let input = self.input.get(self.start..self.end).unwrap_or_default();
        let (taken, given) = (self.inflate.total_in(), self.inflate.total_out());
        let unreadable = || io::Error::new(io::ErrorKind::InvalidData, Unreadable);
        let status = self.inflate.decompress(input, out, FlushDecompress::None).map_err(|_| unreadable())?;
        self.ended = status == Status::StreamEnd;
        let count = |now: u64, before: u64| usize::try_from(now - before).map_err(|_| unreadable());
        let taken = count(self.inflate.total_in(), taken)?;
        let given = count(self.inflate.total_out(), given)?;
        if taken == 0 && given == 0 && !input.is_empty() && !self.ended {
            return Err(unreadable());
        }
        self.start += taken;
        Ok((taken, given))
    }

    /// Deflates a piece, which all goes into the output.
    fn deflate(&mut self, mut piece: &[u8], flush: FlushCompress) -> io::Result<()> {
        loop {
            // with room left over the compressor is known to have nothing more to say
            self.output.reserve(piece.len() / 2 + 1024);
            let before = self.deflate.total_in();
            self.deflate.compress_vec(piece, &mut self.output, flush).map_err(io::Error::other)?;
            let taken = usize::try_from(self.deflate.total_in() - before).unwrap_or(usize::MAX);
            piece = piece.get(taken..).unwrap_or_default();
            if piece.is_empty() && self.output.len() < self.output.capacity() {
                return Ok(());
            }
        }
    }
}

impl<T: AsyncWrite + Unpin> Deflate<T> {
    fn poll_drain(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) = self.output.get(self.written..).filter(|rest| !rest.is_empty()) {
            match ready!(Pin::new(&mut self.io).poll_write(cx, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                n => self.written += n,
            }
        }
        self.output.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Makes everything written so far readable for the server.
    fn poll_finish(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.dirty {
            self.deflate(&[], FlushCompress::Sync)?;
            self.dirty = false;
        }
        self.poll_drain(cx)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Deflate<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        // a few bytes can stand for a long answer without any wait: deadlines must have their turn
        let turn = ready!(coop::poll_proceed(cx));
        while !self.ended && buf.remaining() > 0 {
            let (_, given) = self.inflate(buf.initialize_unfilled())?;
            if given > 0 {
                buf.advance(given);
                break;
            }
            if self.start < self.end {
                continue;
            }
            let this = &mut *self;
            let mut input = ReadBuf::new(&mut this.input);
            ready!(Pin::new(&mut this.io).poll_read(cx, &mut input))?;
            let n = input.filled().len();
            (self.start, self.end) = (0, n);
            if n == 0 {
                break;
            }
        }
        turn.made_progress();
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Deflate<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.output.len() >= OUTPUT {
            ready!(self.poll_drain(cx))?;
        }
        let piece = buf.get(..OUTPUT).unwrap_or(buf);
        self.dirty |= !piece.is_empty();
        self.deflate(piece, FlushCompress::None)?;
        Poll::Ready(Ok(piece.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_finish(cx))?;
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_finish(cx))?;
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::timeout;

    use super::*;

    fn packed(data: &[u8], flush: FlushCompress) -> Vec<u8> {
        let mut out = Vec::with_capacity(data.len() + 1024);
        Compress::new(Compression::best(), false).compress_vec(data, &mut out, flush).unwrap();
        out
    }

    /// Text that repeats somewhat, then bytes that do not.
    fn sample(length: usize) -> Vec<u8> {
        let mut state = 7u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let text = b"Compte rendu sans particularite.\r\n".iter().copied().cycle().take(length / 2);
        text.chain(noise.take(length - length / 2)).collect()
    }

    #[tokio::test]
    async fn what_one_side_flushes_the_other_reads_however_narrow_the_line_is() {
        for width in [1, 7, 4096] {
            let (near, far) = duplex(width);
            let (mut near, mut far) = (Deflate::new(near, &[]), Deflate::new(far, &[]));
            let data = sample(if width == 1 { 3_000 } else { 300_000 });
            let sent = data.clone();
            let writer = tokio::spawn(async move {
                for piece in sent.chunks(70_001) {
                    near.write_all(piece).await.unwrap();
                    near.flush().await.unwrap();
                    // nothing new: nothing may be lost or added
                    near.flush().await.unwrap();
                }
                near
            });
            let mut got = vec![0; data.len()];
            far.read_exact(&mut got).await.unwrap();
            assert!(got == data, "width {width}");
            // it may still wait to be rid of the last bytes, which stand for nothing
            writer.abort();
        }
    }

    #[tokio::test]
    async fn both_sides_speak_in_turn() {
        let (near, far) = duplex(4096);
        let (mut near, mut far) = (Deflate::new(near, &[]), Deflate::new(far, &[]));
        for n in 0..100 {
            let (question, answer) = (format!("A{n} NOOP\r\n"), format!("A{n} OK\r\n"));
            near.write_all(question.as_bytes()).await.unwrap();
            near.flush().await.unwrap();
            let mut heard = vec![0; question.len()];
            far.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, question.as_bytes());
            far.write_all(answer.as_bytes()).await.unwrap();
            far.flush().await.unwrap();
            let mut heard = vec![0; answer.len()];
            near.read_exact(&mut heard).await.unwrap();
            assert_eq!(heard, answer.as_bytes());
        }
    }

    #[tokio::test]
    async fn bytes_that_came_with_the_answer_belong_to_the_stream() {
        let bytes = packed(b"* 3 EXISTS\r\n", FlushCompress::Sync);
        let (first, rest) = bytes.split_at(5);
        let mut stream = Deflate::new(io::Cursor::new(rest.to_vec()), first);
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "* 3 EXISTS\r\n");
    }

    #[tokio::test]
    async fn what_is_no_deflate_is_an_error_and_its_end_an_end() {
        let mut stream = Deflate::new(io::Cursor::new(b"* BAD what\r\n".repeat(9)), &[]);
        let error = stream.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert!(Unreadable::caused(&error), "{error:?}");
        // what follows the end of the stream is not read
        let ended = [packed(b"* BYE\r\n", FlushCompress::Finish), b"* OK\r\n".to_vec()].concat();
        let mut stream = Deflate::new(io::Cursor::new(ended), &[]);
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "* BYE\r\n");
    }

    #[tokio::test]
    async fn a_bomb_comes_out_in_pieces_and_a_deadline_ends_it() {
        let bomb = packed(&vec![b'a'; 8 << 20], FlushCompress::Sync);
        assert!(bomb.len() < 16 << 10);
        let mut stream = Deflate::new(io::Cursor::new(bomb), &[]);
        let mut piece = [0; 1000];
        assert_eq!(stream.read(&mut piece).await.unwrap(), 1000);
        let endless = async {
            loop {
                let bomb = packed(&[b'a'; 1 << 20], FlushCompress::Sync);
                let mut stream = Deflate::new(io::Cursor::new(bomb), &[]);
                while stream.read(&mut piece).await.unwrap() > 0 {}
            }
        };
        assert!(timeout(Duration::from_millis(50), endless).await.is_err());
    }
}
