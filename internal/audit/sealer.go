package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/store"
)

// sealLock is the advisory lock of PostgreSQL under which one server seals. The
// number means nothing but must not change.
const sealLock = 0x59616e6c755f4155

// alarmEvery is how often the log repeats that something cannot be sealed.
const alarmEvery = 10 * time.Minute

// Sealer gives the entries that were committed their places in the chains. Any
// number may run, in any number of servers: one of them seals at a time. A
// Sealer is for one goroutine.
type Sealer struct {
	s       *Service
	batch   int
	now     func() time.Time
	broken  []string // institutions that this round passes over
	alarmed time.Time
}

// NewSealer returns a sealer that seals up to batch entries in one step.
func NewSealer(s *Service, batch int, now func() time.Time) *Sealer {
	return &Sealer{s: s, batch: batch, now: now}
}

// Step seals one batch and reports whether there is more. It does nothing where
// another server is at it. A chain that was tampered with is left as it is, since
// sealing on would cover the traces; the log says so.
func (r *Sealer) Step(ctx context.Context) (more bool, err error) {
	if len(r.broken) == 0 {
		r.broken = []string{store.NewID()} // NOT IN () is no SQL: one that is nobody's
	}
	// Looking first keeps an idle server from writing.
	var waiting []string
	err = r.s.db.Gorm(ctx).Raw("SELECT id FROM audit_entries WHERE seq IS NULL AND institution_id NOT IN ? LIMIT 1", r.broken).Scan(&waiting).Error
	if err != nil {
		return false, fmt.Errorf("look for entries: %w", err)
	}
	if len(waiting) == 0 {
		r.broken = nil
		return false, nil
	}
	sealed, left, err := r.seal(ctx, r.broken)
	if err != nil {
		return false, err
	}
	if len(left) > 0 {
		r.broken = append(r.broken, left...)
		r.alarm(ctx, left)
	}
	return sealed > 0 || len(left) > 0, nil
}

func (r *Sealer) alarm(ctx context.Context, institutions []string) {
	if now := r.now(); now.Sub(r.alarmed) >= alarmEvery {
		r.alarmed = now
		r.s.log.ErrorContext(ctx, "the audit was tampered with and is not sealed further: run yanlu audit verify", "alarm", true, "institutions", institutions)
	}
}

// seal seals one batch. Left are the institutions whose chains cannot be gone on
// with.
func (r *Sealer) seal(ctx context.Context, broken []string) (sealed int, left []string, err error) {
	err = r.s.db.Tx(ctx, func(tx *store.Tx) error {
		if tx.Postgres() {
			var mine bool
			if err := tx.Gorm(ctx).Raw("SELECT pg_try_advisory_xact_lock(?)", int64(sealLock)).Scan(&mine).Error; err != nil {
				return fmt.Errorf("lock the chains: %w", err)
			}
			if !mine {
				return nil
			}
		}
		entries, err := gorm.G[Entry](tx.Gorm(ctx)).Where("seq IS NULL AND institution_id NOT IN ?", broken).
			Order("institution_id, id").Limit(r.batch).Find(ctx)
		if err != nil || len(entries) == 0 {
			return err
		}
		totals, err := gorm.G[Totals](tx.Gorm(ctx)).Where("id = 1").First(ctx)
		if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
			return err
		}
		if err != nil || !same(totals.Mac, r.s.macOfTotals(totals)) {
			left = institutionsOf(entries)
			return nil
		}
		chains, err := r.chains(ctx, tx, institutionsOf(entries))
		if err != nil {
			return err
		}
		sealed, left = r.extend(ctx, tx, chains, &totals, entries)
		return nil
	})
	if err != nil {
		return 0, nil, fmt.Errorf("seal a batch: %w", err)
	}
	return sealed, left, nil
}

// link is a chain that grows.
type link struct {
	Chain
	fresh, broken bool
}

func (r *Sealer) chains(ctx context.Context, tx *store.Tx, institutions []string) (map[string]*link, error) {
	rows, err := gorm.G[Chain](tx.Gorm(ctx)).Where("institution_id IN ?", institutions).Find(ctx)
	if err != nil {
		return nil, err
	}
	by := map[string]*link{}
	for _, c := range rows {
		by[c.InstitutionID] = &link{Chain: c, broken: !same(c.Mac, r.s.macOfChain(c))}
	}
	for _, id := range institutions {
		if by[id] != nil {
			continue
		}
		// Sealed entries without a chain: its row was taken away.
		var orphan []string
		err := tx.Gorm(ctx).Raw("SELECT id FROM audit_entries WHERE institution_id = ? AND seq IS NOT NULL LIMIT 1", id).Scan(&orphan).Error
		if err != nil {
			return nil, err
		}
		by[id] = &link{Chain: Chain{InstitutionID: id, Head: []byte{}}, fresh: true, broken: len(orphan) > 0}
	}
	return by, nil
}

func (r *Sealer) extend(ctx context.Context, tx *store.Tx, chains map[string]*link, totals *Totals, entries []Entry) (sealed int, left []string) {
	now := store.Micro(r.now())
	for _, e := range entries {
		c := chains[e.InstitutionID]
		if c.broken {
			continue
		}
		if !same(e.Mac, r.s.macOf(e)) { // sealed all the same, so that it stays for Verify to name
			r.s.log.ErrorContext(ctx, "an audit entry was changed or is not of this program", "alarm", true, "entry", e.ID)
		}
		c.Sealed++
		c.Head = r.s.linkOf(e, c.Sealed, c.Head)
		tx.Exec("UPDATE audit_entries SET seq = ?, link = ? WHERE id = ?", c.Sealed, c.Head, e.ID)
		sealed++
	}
	for _, id := range institutionsOf(entries) {
		c := chains[id]
		if c.broken {
			left = append(left, id)
			continue
		}
		c.SealedAt = now
		c.Mac = r.s.macOfChain(c.Chain)
		if c.fresh {
			totals.Chains++
			tx.Insert(&c.Chain)
		} else {
			tx.Exec("UPDATE audit_chains SET sealed = ?, head = ?, sealed_at = ?, mac = ? WHERE institution_id = ?", c.Sealed, c.Head, c.SealedAt, c.Mac, id)
		}
	}
	if sealed > 0 {
		totals.Sealed += int64(sealed)
		tx.Exec("UPDATE audit_totals SET chains = ?, sealed = ?, mac = ? WHERE id = 1", totals.Chains, totals.Sealed, r.s.macOfTotals(*totals))
	}
	return sealed, left
}

// institutionsOf lists the institutions of entries, which are in their order.
func institutionsOf(entries []Entry) []string {
	var ids []string
	for _, e := range entries {
		ids = append(ids, e.InstitutionID)
	}
	return slices.Compact(ids)
}
