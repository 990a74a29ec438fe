package audit

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/store"
)

// pageSize is how many rows Verify holds at once.
const pageSize = 1000

// maxFlaws is how many flaws a report names: one of each chain is enough to know
// where to look.
const maxFlaws = 100

// Flaw is the first thing that is wrong with a chain.
type Flaw struct {
	InstitutionID string // empty where it concerns all chains together
	EntryID       string // empty where it is no row's
	Seq           int64  // place in the chain; 0 where it has none
	Text          string
}

// String tells the flaw in one line, in identifiers.
func (f Flaw) String() string {
	var b strings.Builder
	if f.InstitutionID != "" {
		fmt.Fprintf(&b, "institution %s", f.InstitutionID)
	} else {
		b.WriteString("all chains")
	}
	if f.Seq > 0 {
		fmt.Fprintf(&b, ", place %d", f.Seq)
	}
	if f.EntryID != "" {
		fmt.Fprintf(&b, ", entry %s", f.EntryID)
	}
	return b.String() + ": " + f.Text
}

// Report is what Verify found.
type Report struct {
	Chains, Sealed, Unsealed int64
	Flaws                    []Flaw
}

// Head is a place in a chain that was printed and kept outside of the database.
type Head struct {
	InstitutionID string
	Seq           int64
	Link          []byte
}

// String is the line in which a head is printed and read again.
func (h Head) String() string {
	return fmt.Sprintf("%s %d %s", h.InstitutionID, h.Seq, hex.EncodeToString(h.Link))
}

// ParseHeads reads lines of Head.String. Blank lines and those that begin with #
// are passed over.
func ParseHeads(r io.Reader) ([]Head, error) {
	var heads []Head
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		parts := strings.Fields(line)
		if len(parts) != 3 || !store.IsID(parts[0]) {
			return nil, fmt.Errorf("%q is no head: want INSTITUTION PLACE LINK", line)
		}
		seq, err := strconv.ParseInt(parts[1], 10, 64)
		link, err2 := hex.DecodeString(parts[2])
		if err != nil || err2 != nil || seq < 1 {
			return nil, fmt.Errorf("%q is no head: want INSTITUTION PLACE LINK", line)
		}
		heads = append(heads, Head{parts[0], seq, link})
	}
	return heads, lines.Err()
}

// Heads lists the heads of all chains, for keeping elsewhere.
func (s *Service) Heads(ctx context.Context) ([]Head, error) {
	chains, err := gorm.G[Chain](s.db.Gorm(ctx)).Order("institution_id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the chains: %w", err)
	}
	heads := make([]Head, len(chains))
	for i, c := range chains {
		heads[i] = Head{c.InstitutionID, c.Sealed, c.Head}
	}
	return heads, nil
}

// Verify goes through all entries and returns what is wrong: of each chain the
// first flaw. It holds a bounded number of rows at once and may run beside a
// server that writes. Heads that were kept elsewhere must still stand in their
// chains; without any, a database that was put back as a whole to an earlier day
// is not noticed. The error is one of reading, not of what was read.
func (s *Service) Verify(ctx context.Context, kept []Head) (Report, error) {
	var r Report
	chains, err := s.verifyTotals(ctx, &r)
	if err != nil {
		return r, err
	}
	for _, c := range chains {
		flaw, err := s.verifyChain(ctx, c, &r)
		if err != nil {
			return r, err
		}
		r.add(flaw)
	}
	if err := s.verifyRest(ctx, &r); err != nil {
		return r, err
	}
	return r, s.verifyHeads(ctx, kept, &r)
}

func (r *Report) add(f *Flaw) {
	if f != nil && len(r.Flaws) < maxFlaws {
		r.Flaws = append(r.Flaws, *f)
	}
}

// verifyTotals returns the chains, as they stand together with the totals.
func (s *Service) verifyTotals(ctx context.Context, r *Report) ([]Chain, error) {
	type row struct {
		Totals
		Count, Sum int64
	}
	var rows []row
	err := s.db.Gorm(ctx).Raw(`SELECT t.*, (SELECT COUNT(*) FROM audit_chains) AS count,
		(SELECT CAST(COALESCE(SUM(sealed), 0) AS bigint) FROM audit_chains) AS sum FROM audit_totals t WHERE t.id = 1`).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read the totals: %w", err)
	}
	switch {
	case len(rows) == 0:
		r.add(&Flaw{Text: "the row of totals is missing"})
	case !same(rows[0].Mac, s.macOfTotals(rows[0].Totals)):
		r.add(&Flaw{Text: "the row of totals was changed"})
	case rows[0].Chains != rows[0].Count:
		r.add(&Flaw{Text: fmt.Sprintf("there are %d chains where there were %d", rows[0].Count, rows[0].Chains)})
	case rows[0].Sealed != rows[0].Sum:
		r.add(&Flaw{Text: fmt.Sprintf("the chains have %d entries where they had %d", rows[0].Sum, rows[0].Sealed)})
	}
	chains, err := gorm.G[Chain](s.db.Gorm(ctx)).Order("institution_id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the chains: %w", err)
	}
	r.Chains = int64(len(chains))
	return chains, nil
}

// verifyChain walks one chain up to where it was sealed when it was read.
func (s *Service) verifyChain(ctx context.Context, c Chain, r *Report) (*Flaw, error) {
	if !same(c.Mac, s.macOfChain(c)) {
		return &Flaw{InstitutionID: c.InstitutionID, Text: "the row of the chain was changed"}, nil
	}
	var last int64
	lastID, head := "", []byte{}
	for {
		q := gorm.G[Entry](s.db.Gorm(ctx)).Where("institution_id = ? AND seq <= ?", c.InstitutionID, c.Sealed)
		if lastID != "" { // also by id: without its index a place might be taken twice
			q = q.Where("seq >= ? AND (seq > ? OR id > ?)", last, last, lastID)
		}
		page, err := q.Order("seq, id").Limit(pageSize).Find(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the chain of %s: %w", c.InstitutionID, err)
		}
		for _, e := range page {
			flaw := func(text string) (*Flaw, error) {
				return &Flaw{InstitutionID: c.InstitutionID, EntryID: e.ID, Seq: *e.Seq, Text: text}, nil
			}
			switch {
			case *e.Seq > last+1:
				return &Flaw{InstitutionID: c.InstitutionID, Seq: last + 1, Text: missing(last+1, *e.Seq-1)}, nil
			case *e.Seq <= last:
				return flaw("stands in a place that is taken")
			case !same(e.Mac, s.macOf(e)):
				return flaw("was changed, or was not written by this program")
			case !same(e.Link, s.linkOf(e, *e.Seq, head)):
				return flaw("does not follow the entry before it: moved, or put in the place of another")
			}
			last, lastID, head = *e.Seq, e.ID, e.Link
			r.Sealed++
		}
		if len(page) < pageSize {
			break
		}
	}
	switch {
	case last < c.Sealed:
		return &Flaw{InstitutionID: c.InstitutionID, Seq: last + 1, Text: missing(last+1, c.Sealed)}, nil
	case !same(head, c.Head):
		return &Flaw{InstitutionID: c.InstitutionID, EntryID: lastID, Seq: last, Text: "is not the one with which the chain ended"}, nil
	}
	return nil, nil
}

func missing(from, to int64) string {
	if from == to {
		return "the entry of this place is missing"
	}
	return fmt.Sprintf("the entries from here to place %d are missing", to)
}

// verifyRest looks at what is in no chain: entries that wait for the sealer, and
// such as pretend to be sealed.
func (s *Service) verifyRest(ctx context.Context, r *Report) error {
	var beyond []Entry
	err := s.db.Gorm(ctx).Raw(`SELECT e.* FROM audit_entries e LEFT JOIN audit_chains c ON c.institution_id = e.institution_id
		WHERE e.seq IS NOT NULL AND (c.institution_id IS NULL OR e.seq > c.sealed OR e.seq < 1) ORDER BY e.id LIMIT 1`).Scan(&beyond).Error
	if err != nil {
		return fmt.Errorf("look beyond the chains: %w", err)
	}
	for _, e := range beyond {
		r.add(&Flaw{InstitutionID: e.InstitutionID, EntryID: e.ID, Seq: *e.Seq, Text: "stands outside of the chain"})
	}
	after := ""
	for {
		q := gorm.G[Entry](s.db.Gorm(ctx)).Where("seq IS NULL")
		if after != "" {
			q = q.Where("id > ?", after)
		}
		page, err := q.Order("id").Limit(pageSize).Find(ctx)
		if err != nil {
			return fmt.Errorf("read what is not sealed: %w", err)
		}
		for _, e := range page {
			if r.Unsealed++; !same(e.Mac, s.macOf(e)) {
				r.add(&Flaw{InstitutionID: e.InstitutionID, EntryID: e.ID, Text: "was changed, or was not written by this program"})
			}
			after = e.ID
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

func (s *Service) verifyHeads(ctx context.Context, kept []Head, r *Report) error {
	for _, h := range kept {
		e, err := gorm.G[Entry](s.db.Gorm(ctx)).Where("institution_id = ? AND seq = ?", h.InstitutionID, h.Seq).First(ctx)
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			r.add(&Flaw{InstitutionID: h.InstitutionID, Seq: h.Seq, Text: "the chain no longer reaches to the head that was kept"})
		case err != nil:
			return fmt.Errorf("look for a head: %w", err)
		case !same(e.Link, h.Link):
			r.add(&Flaw{InstitutionID: h.InstitutionID, EntryID: e.ID, Seq: h.Seq, Text: "is not the head that was kept"})
		}
	}
	return nil
}
