package matter

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

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

	rows []detailRow
}

type detailRow struct {
	Matter
	AssigneeName *string
}

// maxEvents is how many lines of the timeline are shown: the newest.
const maxEvents = 500

// Load adds the queries for one matter to a batch. After the batch has run,
// Finish tells whether the actor may see it.
func (s *Service) Load(b *store.Batch, a member.Actor, kind Kind, id string) *Detail {
	d := &Detail{}
	condition, args := s.Visible(a)
	b.Read(&d.rows, func(g *gorm.DB) *gorm.DB {
		return g.Table("matters").Select("matters.*, (SELECT name FROM people WHERE id = matters.assignee_id) AS assignee_name").
			Where("id = ? AND kind = ?", id, kind).Where(condition, args...).Limit(1)
	})
	b.Read(&d.Merged, func(g *gorm.DB) *gorm.DB { return g.Where("merged_into = ?", id).Order("id").Limit(100) })
	b.Read(&d.Authors, func(g *gorm.DB) *gorm.DB { return g.Where("matter_id = ?", id).Order("ordinal") })
	b.Read(&d.Events, func(g *gorm.DB) *gorm.DB { return g.Where("matter_id = ?", id).Order("id DESC").Limit(maxEvents) })
	b.Read(&d.Deadlines, func(g *gorm.DB) *gorm.DB {
		return g.Where("matter_id = ? AND met_at IS NULL", id).Order("due_at, id").Limit(100)
	})
	return d
}

// Insider tells how much of a matter somebody reads who may see it: an insider
// reads internal lines, opinions between units and replies that have not
// passed; others read what is public.
type Insider bool

// Insider tells whether an actor reads all of a loaded matter: the office, the
// leaders, and whoever leads its handling. Units are for package handling to tell.
func (d *Detail) Insider(a member.Actor) Insider {
	return Insider(Oversees(a) || len(d.rows) > 0 && d.rows[0].Leads(a))
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
	slices.Reverse(d.Events)
	d.Events = slices.DeleteFunc(d.Events, func(e Event) bool { return !reads(a, insider, e.Audience) })
	if !insider {
		d.Deadlines = slices.DeleteFunc(d.Deadlines, func(x Deadline) bool { return !x.Public })
	}
	return nil
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
	AuthorName string // of the first author
}

// Filter narrows a list.
type Filter struct {
	Kind   Kind
	Status workflow.Status // empty: any
	Before string          // identifier of the last line seen; empty: from the newest
	Limit  int             // 1–100
}

// List returns the matters of a kind that the actor may see, newest first. Its
// cost does not grow with the table: it is one scan of an index that ends at
// the limit, or, for who does not see all, what is theirs.
func (s *Service) List(ctx context.Context, a member.Actor, f Filter) ([]Line, error) {
	where, args := []string{"matters.kind = ?"}, []any{f.Kind}
	if f.Status != "" {
		where, args = append(where, "matters.status = ?"), append(args, f.Status)
	}
	if f.Before != "" {
		where, args = append(where, "matters.id < ?"), append(args, f.Before)
	}
	listed, args := s.listed(a, strings.Join(where, " AND "), args, f.Limit)
	var lines []Line
	err := s.db.Gorm(ctx).Raw(`SELECT matters.*, au.name AS author_name FROM (`+listed+`) AS page
		JOIN matters ON matters.id = page.id
		JOIN authors au ON au.matter_id = matters.id AND au.ordinal = 1
		ORDER BY matters.id DESC`, args...).Scan(&lines).Error
	if err != nil {
		return nil, fmt.Errorf("list matters: %w", err)
	}
	return lines, nil
}

// Task is a waiting row with what the queue shows of its matter.
type Task struct {
	WaitingID    string
	AssignmentID *string
	DueAt        time.Time
	MatterID     string
	Kind         Kind
	Number       *string
	Title        string
	Status       workflow.Status
	SubmittedAt  time.Time
	AuthorName   string
	Label        string // what is waited for: "审核", "签收"
}

// Mark is where a page of the queue ended.
type Mark struct {
	DueAt time.Time
	ID    string
}

// holders lists the holders of waiting rows that an actor stands for.
func holders(a member.Actor) []string {
	keys := []string{PersonHolder(a.PersonID)}
	for _, r := range a.Roles() {
		keys = append(keys, RoleHolder(r))
	}
	for _, u := range a.Units() {
		keys = append(keys, UnitHolder(u))
	}
	return keys
}

// each writes one branch of a query for each holder, so that each is one scan
// of the index on (institution, holder, due, id) that ends at the limit.
func each(a member.Actor, branch string, tail ...any) (string, []any) {
	var parts []string
	var args []any
	for _, h := range holders(a) {
		parts = append(parts, "SELECT * FROM ("+branch+") AS one")
		args = append(append(args, a.InstitutionID, h), tail...)
	}
	return strings.Join(parts, " UNION ALL "), args
}

// Queue lists what waits for the actor: in their roles, their units, or in
// person; what is due first comes first.
func (s *Service) Queue(ctx context.Context, a member.Actor, after *Mark, limit int) ([]Task, error) {
	branch, tail := "SELECT id, assignment_id, due_at, matter_id, label FROM waiting WHERE institution_id = ? AND holder = ?", []any(nil)
	if after != nil {
		branch, tail = branch+" AND (due_at, id) > (?, ?)", append(tail, after.DueAt, after.ID)
	}
	union, args := each(a, branch+" ORDER BY due_at, id LIMIT ?", append(tail, limit)...)
	var tasks []Task
	err := s.db.Gorm(ctx).Raw(`SELECT w.id AS waiting_id, w.assignment_id, w.due_at, w.matter_id, w.label,
		m.kind, m.number, m.title, m.status, m.submitted_at, au.name AS author_name
		FROM (SELECT * FROM (`+union+`) AS every ORDER BY due_at, id LIMIT ?) AS w
		JOIN matters m ON m.id = w.matter_id
		JOIN authors au ON au.matter_id = m.id AND au.ordinal = 1
		ORDER BY w.due_at, w.id`, append(args, limit)...).Scan(&tasks).Error
	if err != nil {
		return nil, fmt.Errorf("list a queue: %w", err)
	}
	return tasks, nil
}

// QueueCap is where counting a queue stops: 100 stands for "99+".
const QueueCap = 100

// QueueCount counts what waits for the actor, and how much of it is overdue,
// each up to QueueCap.
func (s *Service) QueueCount(ctx context.Context, a member.Actor) (all, overdue int, err error) {
	count := func(condition string, tail ...any) (n int, err error) {
		union, args := each(a, "SELECT id FROM waiting WHERE institution_id = ? AND holder = ?"+condition+" LIMIT ?", append(tail, QueueCap)...)
		err = s.db.Gorm(ctx).Raw("SELECT COUNT(*) FROM ("+union+") AS every", args...).Scan(&n).Error
		return min(n, QueueCap), err
	}
	if all, err = count(""); err != nil {
		return 0, 0, fmt.Errorf("count a queue: %w", err)
	}
	if overdue, err = count(" AND due_at < ?", s.now()); err != nil {
		return 0, 0, fmt.Errorf("count a queue: %w", err)
	}
	return all, overdue, nil
}
