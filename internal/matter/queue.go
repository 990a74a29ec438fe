package matter

import (
	"context"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// Task is a waiting row with what the queue shows of its matter.
type Task struct {
	WaitingID    string
	AssignmentID *string
	Rank         Rank
	DueAt        time.Time
	Step         string // kind of the clock that runs: "review"
	Label        string // what is waited for: "审核", "签收"
	MatterID     string
	Kind         Kind
	Number       *string
	Title        string
	Status       workflow.Status
	Category     string
	SubmittedAt  time.Time
	AuthorName   string  // empty where the actor does not read it
	AssigneeID   *string // for the office alone, as the name
	AssigneeName *string
	Risk         Risk `gorm:"-"`
}

// Mark is a place in a queue: behind the row that it names.
type Mark struct {
	Rank  Rank
	DueAt time.Time
	ID    string
}

// Mark returns the place behind the task.
func (t Task) Mark() Mark { return Mark{t.Rank, t.DueAt, t.WaitingID} }

// HolderSort is a sort of holder that an actor stands for.
type HolderSort string

// The sorts of holders.
const (
	ForOffice HolderSort = "office" // a role of the institution
	ForUnit   HolderSort = "unit"
	ForPerson HolderSort = "person" // the actor alone
)

// Taker is who has a matter in hand, as a filter.
type Taker string

// The takers.
const (
	Anyone Taker = ""
	Me     Taker = "me"
	Nobody Taker = "nobody"
)

// QueueFilter narrows a queue; its zero value does not. What waits on for whom,
// the step, what is urgent and what is overdue are ranges of an index. The kind,
// the category and the taker are looked up in the matters of at most queueWindow
// rows: a page of theirs may be short, or empty, and yet have a next one.
type QueueFilter struct {
	For      HolderSort // empty: all
	Step     string     // empty: all
	Urgent   bool       // only what is
	Overdue  bool       // only what is
	Kind     Kind       // empty: all
	Category string     // empty: all
	Taker    Taker
}

// queueWindow is how many rows of a queue are looked through for one page: more
// than an office has waiting for it.
const queueWindow = 500

// QueuePage is a page of a queue.
type QueuePage struct {
	Tasks []Task
	Next  *Mark // where the next page begins; nil: there is none
}

// holders lists the holders of waiting rows of a sort that an actor stands for.
func holders(a member.Actor, of HolderSort) []string {
	var keys []string
	if of == "" || of == ForPerson {
		keys = append(keys, PersonHolder(a.PersonID))
	}
	if of == "" || of == ForOffice {
		for _, r := range a.Roles() {
			keys = append(keys, RoleHolder(r))
		}
	}
	if of == "" || of == ForUnit {
		for _, u := range a.Units() {
			keys = append(keys, UnitHolder(u))
		}
	}
	return keys
}

// Queue lists up to limit tasks (1–100) that wait for the actor, in their roles,
// their units or in person: what is urgent first, then by the due date, which is
// the riskiest first. After is where the page before ended. The cost does not
// grow with the queue.
func (s *Service) Queue(ctx context.Context, a member.Actor, f QueueFilter, after *Mark, limit int) (QueuePage, error) {
	office := Oversees(a)
	if !office { // who has it in hand is the office's to know
		if f.Taker == Me {
			return QueuePage{}, nil
		}
		f.Taker = Anyone
	}
	window := limit + 1
	if f.looksUp() {
		window = queueWindow + 1
	}
	rows, args := f.rows(a, after, s.now(), window)
	if rows == "" {
		return QueuePage{}, nil
	}
	on, more := f.match(a)
	var tasks []taskRow
	b := s.db.Batch()
	veil := s.loadVeil(b, a, s.kinds(f.Kind)...)
	own, mine := veil.own(a, "m")
	clock := s.loadHorizon(b, a.InstitutionID)
	b.Read(&tasks, func(g *gorm.DB) *gorm.DB {
		return g.Raw(`SELECT w.id AS waiting_id, w.assignment_id, w.rank, w.due_at, w.step, w.label, w.matter_id,
				m.kind, m.number, m.title, m.status, m.category, m.submitted_at, m.assignee_id, `+own+` AS own,
				(SELECT name FROM people WHERE id = m.assignee_id) AS assignee_name,
				(SELECT `+called+` FROM authors WHERE matter_id = m.id AND ordinal = 1) AS author_name
			FROM (SELECT * FROM (`+rows+`) AS every ORDER BY rank, due_at, id LIMIT ?) AS w
			LEFT JOIN matters m ON m.id = w.matter_id`+on+`
			ORDER BY w.rank, w.due_at, w.id`, slices.Concat(mine, args, []any{window}, more)...)
	})
	if err := b.Run(ctx); err != nil {
		return QueuePage{}, err
	}
	h, err := clock.horizon()
	if err != nil {
		return QueuePage{}, err
	}
	over, err := veil.over()
	for i, t := range tasks {
		if over[t.Kind] && !t.Own {
			tasks[i].AuthorName = ""
		}
	}
	return cutQueue(tasks, h, limit, window, office), err
}

// taskRow is a row of a queue, and whether its matter is the actor's.
type taskRow struct {
	Task
	Own bool
}

// cutQueue makes a page of the rows that were looked through; those of other
// matters than the filter's have no kind.
func cutQueue(rows []taskRow, h horizon, limit, window int, office bool) QueuePage {
	p := QueuePage{}
	for i, t := range rows {
		if i == window-1 || len(p.Tasks) == limit && t.Kind != "" {
			next := rows[i-1].Mark()
			p.Next = &next
			break
		}
		if t.Kind == "" {
			continue
		}
		if t.Risk = h.risk(t.DueAt); !office {
			t.AssigneeID, t.AssigneeName = nil, nil
		}
		p.Tasks = append(p.Tasks, t.Task)
	}
	return p
}

// looksUp reports whether the filter asks for what only the matters tell.
func (f QueueFilter) looksUp() bool { return f.Kind != "" || f.Category != "" || f.Taker != Anyone }

// match is the condition on the matters of the rows.
func (f QueueFilter) match(a member.Actor) (condition string, args []any) {
	add := func(more string, value ...any) { condition, args = condition+" AND "+more, append(args, value...) }
	if f.Kind != "" {
		add("m.kind = ?", f.Kind)
	}
	if f.Category != "" {
		add("m.category = ?", f.Category)
	}
	switch f.Taker {
	case Me:
		add("m.assignee_id = ?", a.PersonID)
	case Nobody:
		add("m.assignee_id IS NULL")
	case Anyone:
	}
	return condition, args
}

// rows is the query for the waiting rows of a queue: a branch for each holder
// and range, so that each is one scan of an index, which ends at the limit. It is
// empty where there is none.
func (f QueueFilter) rows(a member.Actor, after *Mark, now time.Time, limit int) (query string, args []any) {
	var branches []string
	ranges := f.ranges(after, now)
	for _, holder := range holders(a, f.For) {
		for _, r := range ranges {
			where := "institution_id = ? AND holder = ?"
			args = append(args, a.InstitutionID, holder)
			if f.Step != "" {
				where, args = where+" AND step = ?", append(args, f.Step)
			}
			branches = append(branches, "SELECT * FROM (SELECT id, assignment_id, rank, due_at, step, label, matter_id FROM waiting WHERE "+
				where+r.where+" ORDER BY rank, due_at, id LIMIT ?) AS one")
			args = append(append(args, r.args...), limit)
		}
	}
	return strings.Join(branches, " UNION ALL "), args
}

// keyRange is a range of the key of a queue.
type keyRange struct {
	where string
	args  []any
}

// ranges are those of the key (rank, due date, identifier) that a page is in:
// one, but for what is overdue one for each rank.
func (f QueueFilter) ranges(after *Mark, now time.Time) []keyRange {
	if !f.Urgent && !f.Overdue {
		if after == nil {
			return []keyRange{{}}
		}
		return []keyRange{{" AND (rank, due_at, id) > (?, ?, ?)", []any{after.Rank, after.DueAt, after.ID}}}
	}
	var ranges []keyRange
	for _, rank := range []Rank{Urgent, Ordinary} {
		if f.Urgent && rank != Urgent || after != nil && rank < after.Rank {
			continue
		}
		r := keyRange{" AND rank = ?", []any{rank}}
		if after != nil && rank == after.Rank {
			r.where, r.args = r.where+" AND (due_at, id) > (?, ?)", append(r.args, after.DueAt, after.ID)
		}
		if f.Overdue {
			r.where, r.args = r.where+" AND due_at < ?", append(r.args, now)
		}
		ranges = append(ranges, r)
	}
	return ranges
}
