package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Detail is a matter with what every kind shows of it.
type Detail struct {
	Matter    Matter
	Authors   []Author
	Events    []Event    // the newest 500, oldest first; an author's are the public ones only
	Deadlines []Deadline // those that run
	Merged    []Matter   // into this one
	Assignee  string     // name of the colleague who has it in hand
	HandUps   []HandedUp // for the office and the leaders
	Origin    Link       // what it was converted from; zero: nothing
	Became    Link       // what it was converted into; zero: nothing
	// AuthorsHidden tells that the actor does not read who the authors are.
	AuthorsHidden bool

	rows     []detailRow
	oversees bool // the actor does, for whom it was loaded
	handUps  *[]HandedUp
	veil     *veil
	unnamed  *strings.Replacer
}

type detailRow struct {
	Matter
	AssigneeName                     *string
	OriginKind, BecameID, BecameKind *string
}

// Link names another matter of the institution.
type Link struct {
	Kind Kind
	ID   string
}

func link(kind, id *string) Link {
	if kind == nil || id == nil {
		return Link{}
	}
	return Link{Kind(*kind), *id}
}

// maxEvents is how many lines of the timeline are shown: the newest.
const maxEvents = 500

// Load adds the queries for one matter to a batch. After the batch has run,
// Finish tells whether the actor may see it.
func (s *Service) Load(b *store.Batch, a member.Actor, kind Kind, id string) *Detail {
	d := &Detail{oversees: s.oversees(a, kind), veil: s.loadVeil(b, a, kind)}
	condition, args := s.Visible(a)
	store.Read(b, &d.rows, `SELECT matters.*, (SELECT name FROM people WHERE id = matters.assignee_id) AS assignee_name,
			(SELECT o.kind FROM matters o WHERE o.id = matters.origin_id AND o.institution_id = matters.institution_id) AS origin_kind,
			n.id AS became_id, n.kind AS became_kind
		FROM matters LEFT JOIN matters n ON n.origin_id = matters.id AND n.institution_id = matters.institution_id
		WHERE matters.id = ? AND matters.kind = ? AND (`+condition+") LIMIT 1", append([]any{id, kind}, args...)...)
	if Oversees(a) {
		d.handUps = loadHandUps(b, id)
	}
	store.Read(b, &d.Merged, "SELECT * FROM matters WHERE merged_into = ? ORDER BY id LIMIT 100", id)
	store.Read(b, &d.Authors, "SELECT * FROM authors WHERE matter_id = ? ORDER BY ordinal", id)
	store.Read(b, &d.Events, "SELECT * FROM events WHERE matter_id = ? ORDER BY id DESC LIMIT ?", id, maxEvents)
	store.Read(b, &d.Deadlines, "SELECT * FROM deadlines WHERE matter_id = ? AND met_at IS NULL ORDER BY due_at, id LIMIT 100", id)
	return d
}

// Insider tells how much of a matter somebody reads who may see it: an insider
// reads internal lines, opinions between units and replies that have not
// passed; others read what is public.
type Insider bool

// Insider tells whether an actor reads all of a loaded matter: the office, the
// leaders, who oversees the kind, and whoever leads its handling. Units are for package handling to tell.
func (d *Detail) Insider(a member.Actor) Insider {
	return Insider(d.oversees || len(d.rows) > 0 && d.rows[0].Leads(a))
}

// Finish completes a loaded matter for the actor, or returns ErrNotFound.
func (s *Service) Finish(d *Detail, a member.Actor, insider Insider) error {
	if len(d.rows) == 0 {
		return ErrNotFound
	}
	d.Matter = d.rows[0].Matter
	if name := d.rows[0].AssigneeName; name != nil {
		d.Assignee = *name
	}
	d.Origin, d.Became = link(d.rows[0].OriginKind, d.Matter.OriginID), link(d.rows[0].BecameKind, d.rows[0].BecameID)
	if d.handUps != nil {
		d.HandUps = *d.handUps
	}
	slices.Reverse(d.Events)
	d.Events = slices.DeleteFunc(d.Events, func(e Event) bool { return !reads(a, insider, e.Audience) })
	if !insider {
		d.Deadlines = slices.DeleteFunc(d.Deadlines, func(x Deadline) bool { return !x.Public })
	}
	over, err := d.veil.over()
	if err == nil && over[d.Matter.Kind] && !d.owns(a) {
		d.cover(s.heads[d.Matter.Kind].Flow)
	}
	return err
}

// owns reports whether the actor is an author, handed it in for one, or leads its
// handling in person.
func (d *Detail) owns(a member.Actor) bool {
	return d.Matter.LedBy != nil && *d.Matter.LedBy == a.PersonID || slices.ContainsFunc(d.Authors, func(x Author) bool {
		return x.Is(a.PersonID) || x.OnBehalfBy != nil && *x.OnBehalfBy == a.PersonID
	})
}

// reads reports whether a line for an audience is for somebody.
func reads(a member.Actor, insider Insider, audience workflow.Audience) bool {
	switch audience {
	case workflow.Everyone:
		return true
	case workflow.Handlers:
		return bool(insider)
	default:
		return Oversees(a)
	}
}

// Line is a matter in a list.
type Line struct {
	Matter
	AuthorName string     // of the first author, as Author.Called; empty where the actor does not read it
	DueAt      *time.Time // of the next deadline that the actor may know of; nil: none runs
	DueLabel   *string    // which it is: "答复"
	Risk       Risk       `gorm:"-"` // of DueAt; empty where there is none
}

// Filter narrows a list.
type Filter struct {
	Kind   Kind
	Status workflow.Status // empty: any
	Stage  Stage           // empty: any
	Mine   bool            // those alone that the actor wrote, or handed in for somebody
	Part   Part            // zero: all
	Before string          // identifier of the last line seen; empty: from the newest
	Limit  int             // at least 1
}

// Stage is how far a matter has come, whatever its kind.
type Stage string

// The stages.
const (
	Unsent Stage = "DRAFT" // not handed in yet
	Open   Stage = "OPEN"  // under way
	Over   Stage = "OVER"  // it has come to its end
)

// where is the condition on the table matters; empty for any.
func (g Stage) where() string {
	return map[Stage]string{
		Unsent: " AND matters.status = 'DRAFT'", Open: " AND matters.status <> 'DRAFT' AND matters.closed_at IS NULL", Over: " AND matters.closed_at IS NOT NULL",
	}[g]
}

// where is the filter as a condition on the table matters, but for its limit, and for
// whose they are.
func (f Filter) where() (string, []any) {
	where, args := "matters.kind = ?", []any{f.Kind}
	if f.Status != "" {
		where, args = where+" AND matters.status = ?", append(args, f.Status)
	}
	where += f.Stage.where()
	if f.Before != "" {
		where, args = where+" AND matters.id < ?", append(args, f.Before)
	}
	return where, args
}

// knows is the condition for the actor to know of a deadline d of a row of
// matters: what is public is for whoever sees the matter, all else for insiders.
// It is the rule of Finish, for a list.
func (s *Service) knows(a member.Actor, kind Kind) (condition string, args []any) {
	if s.oversees(a, kind) {
		return "", nil
	}
	condition, args = "d.public OR matters.led_by = ?", []any{a.PersonID}
	if units := a.Units(); len(units) > 0 {
		condition, args = condition+" OR matters.led_by_unit IN ?", append(args, units)
	}
	for _, insider := range s.insiders {
		if reason, more := insider(a); reason != "" {
			condition, args = condition+" OR "+reason, append(args, more...)
		}
	}
	return " AND (" + condition + ")", args
}

// List returns the matters of a kind that the actor may see, newest first. Its
// cost does not grow with the table: it is one scan of an index that ends at
// the limit, or, for who does not see all, what is theirs.
func (s *Service) List(ctx context.Context, a member.Actor, f Filter) ([]Line, error) {
	listed, args := s.listed(a, f)
	knows, more := s.knows(a, f.Kind)
	var rows []struct {
		Line
		Own bool
	}
	b := s.db.Batch()
	veil := s.loadVeil(b, a, f.Kind)
	own, mine := veil.own(a, "matters")
	clock := s.loadHorizon(b, a.InstitutionID)
	store.Read(b, &rows, `SELECT matters.*, `+own+` AS own, due.due_at, due.label AS due_label,
				COALESCE((SELECT `+called+` FROM authors WHERE matter_id = matters.id AND ordinal = 1), '') AS author_name
			FROM (SELECT every.* FROM matters every JOIN (`+listed+`) AS page ON page.id = every.id) AS matters
			LEFT JOIN deadlines due ON due.id = (SELECT d.id FROM deadlines d
				WHERE d.matter_id = matters.id AND d.met_at IS NULL`+knows+` ORDER BY d.due_at, d.id LIMIT 1)
			ORDER BY matters.id DESC`, slices.Concat(mine, args, more)...)
	if err := b.Run(ctx); err != nil {
		return nil, fmt.Errorf("list matters: %w", err)
	}
	h, err := clock.horizon()
	if err != nil {
		return nil, err
	}
	over, err := veil.over()
	var lines []Line
	for _, r := range rows {
		if r.DueAt != nil {
			r.Risk = h.risk(*r.DueAt)
		}
		if over[r.Kind] && !r.Own {
			r.AuthorName = ""
		}
		lines = append(lines, r.Line)
	}
	return lines, err
}
