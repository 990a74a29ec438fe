package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// Preview tells what a table would do. It writes nothing. What is no table at
// all is a fault of package sheet.
func (s *Service) Preview(ctx context.Context, a member.Actor, k Kind, data []byte) (Report, error) {
	t, err := sheet.Read(data, Columns(k))
	if err != nil {
		return Report{}, err
	}
	p, err := s.plan(ctx, s.db, a, k, data, t)
	if err != nil {
		return Report{}, err
	}
	return p.report, nil
}

// Confirm does what a table does, all of it or nothing. Seen is the digest of
// the preview: where the roster has changed so that the table would do something
// else now, it is ErrStale, and ErrWrong while a row is wrong. The identifiers
// are those of the people and units that were made or changed.
func (s *Service) Confirm(ctx context.Context, tx *store.Tx, a member.Actor, k Kind, data []byte, seen string) (Report, []string, error) {
	t, err := sheet.Read(data, Columns(k))
	if err != nil {
		return Report{}, nil, err
	}
	member.Lock(tx, a.InstitutionID)
	p, err := s.plan(ctx, tx, a, k, data, t)
	switch {
	case err != nil:
		return Report{}, nil, err
	case p.report.Digest != seen:
		return Report{}, nil, ErrStale
	case p.report.Count[Wrong] > 0:
		return Report{}, nil, ErrWrong
	}
	ids, err := p.write(ctx, tx)
	return p.report, ids, err
}

// plan is what a table does, ready to be written.
type plan struct {
	report       Report
	divisions    []member.Division
	units        []institution.Unit // new
	otherUnits   []institution.Unit // that change
	people       []*member.Person   // new
	otherPeople  []*member.Person   // that change, with the next version
	appointments []*member.Appointment
	others       []*member.Appointment // that change, with the next version
	secret       [][]string            // what the report says, unmasked, for the digest
}

func (s *Service) plan(ctx context.Context, c store.Conn, a member.Actor, k Kind, data []byte, t sheet.Table) (*plan, error) {
	r, err := s.read(ctx, c, a)
	if err != nil {
		return nil, err
	}
	p := &plan{report: Report{Count: map[Action]int{}, Ignored: t.Ignored}}
	switch k {
	case Members:
		err = r.memberRows(p, t)
	case Units:
		r.unitRows(p, t)
	default:
		err = r.staffRows(p, t)
	}
	if err != nil {
		return nil, err
	}
	for _, row := range p.report.Rows {
		p.report.Count[row.Action]++
	}
	sum := sha256.Sum256(data)
	said, err := json.Marshal([]any{k, hex.EncodeToString(sum[:]), p.secret, p.report.Makes, p.report.Count})
	if err != nil {
		return nil, fmt.Errorf("sum a plan up: %w", err)
	}
	p.report.Digest = s.keeper.Digest("roster.import", string(said))
	return p, nil
}

// atOnce is how many rows go into one statement: some dozen columns each, below
// what either database takes.
const atOnce = 500

// write writes the plan with a number of statements that grows by one for each
// 500 rows of a sort.
func (p *plan) write(ctx context.Context, tx *store.Tx) ([]string, error) {
	var ids []string
	for _, u := range slices.Concat(p.units, p.otherUnits) {
		ids = append(ids, u.ID)
	}
	for _, x := range slices.Concat(p.people, p.otherPeople) {
		ids = append(ids, x.ID)
	}
	for _, x := range slices.Concat(p.appointments, p.others) {
		ids = append(ids, x.PersonID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	for _, err := range []error{
		put(ctx, tx, p.divisions), put(ctx, tx, p.units), change(ctx, tx, p.otherUnits, "units", "kind", "alias"),
		put(ctx, tx, p.people),
		change(ctx, tx, p.otherPeople, "people", "name", "phone_sealed", "phone_digest", "position", "sector", "group_name", "term_id",
			"stroke_key", "rank_order", "sector_order", "updated_at"),
		put(ctx, tx, p.appointments), change(ctx, tx, p.others, "appointments", "term_id", "begins", "ends"),
	} {
		if store.IsDuplicate(err) { // somebody else was faster with a name or a number
			return nil, ErrStale
		}
		if err != nil {
			return nil, err
		}
	}
	if len(p.divisions) > 0 { // people who are not in the table may have had the name
		member.PlaceSectors(tx, p.divisions[0].InstitutionID)
	}
	return ids, nil
}

func put[T any](ctx context.Context, tx *store.Tx, rows []T) error {
	for some := range slices.Chunk(rows, atOnce) {
		if err := tx.Gorm(ctx).Create(&some).Error; err != nil {
			return fmt.Errorf("import rows: %w", err)
		}
	}
	return nil
}

// change writes columns of rows that are there, each with its next version. A row
// that somebody has changed meanwhile makes it ErrStale.
func change[T any](ctx context.Context, tx *store.Tx, rows []T, table string, columns ...string) error {
	for some := range slices.Chunk(rows, atOnce) {
		r := tx.Gorm(ctx).Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "id"}},
			Where:     clause.Where{Exprs: []clause.Expression{gorm.Expr(table + ".version = excluded.version - 1")}},
			DoUpdates: clause.AssignmentColumns(append([]string{"version"}, columns...)),
		}).Create(&some)
		if r.Error != nil {
			return fmt.Errorf("import changes: %w", r.Error)
		}
		if r.RowsAffected != int64(len(some)) {
			return ErrStale
		}
	}
	return nil
}
