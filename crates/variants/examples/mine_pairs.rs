//! Shows which questions of a dataset have nearly the same answer: `mine_pairs FILE [N]`.

use std::fs::File;
use std::io::{BufReader, Write};

use threadfold_dataset::{read_examples, sniff};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or("usage: mine_pairs FILE [N]")?;
    let n = args.next().map_or(Ok(1), |n| n.parse())?;
    let format = sniff(&mut BufReader::new(File::open(&path)?))?;
    let examples =
        read_examples(format, BufReader::new(File::open(&path)?)).collect::<Result<Vec<_>, _>>()?;
    let mut out = std::io::stdout().lock();
    for m in threadfold_variants::mine(&examples.iter().collect::<Vec<_>>(), n) {
        let (own, other) = (&examples[m.example].turns[0].text, &examples[m.from].turns[0].text);
        writeln!(out, "{:.2}\t{:.2}\t{own}\t{other}", m.answers, m.questions)?;
    }
    Ok(())
}
