package handling

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// ErrNoHandover is the fault of a meeting that is not to be seen.
var ErrNoHandover = fault.New(fault.NotFound, "handling.no_handover", "没有找到这次交办会，或其中没有交给您单位的事项。")

// Handover is a meeting at which matters were handed over to units (交办会).
type Handover struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Title         string
	HeldOn        calendar.Day
	CreatedAt     time.Time
}

// meeting finds the meeting that an input names, or brings it into being; nil
// where it names none. ErrMeeting tells of a day that cannot be.
func (s *Service) meeting(ctx context.Context, m *matter.Move, in HandOverInput) (*string, error) {
	today := calendar.Of(m.Now)
	day := calendar.Of(m.At)
	if in.MetOn != "" {
		var err error
		if day, err = calendar.Parse(in.MetOn); err != nil || day.After(today) || today.Sub(day) > farthest {
			return nil, ErrMeeting
		}
	}
	if in.Meeting == "" {
		if in.MetOn != "" {
			return nil, ErrMeeting
		}
		return nil, nil //nolint:nilnil // it was handed over at no meeting
	}
	m.Tx.Exec(`INSERT INTO handovers (id, institution_id, title, held_on, created_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (institution_id, held_on, title) DO NOTHING`, store.NewID(), m.Matter.InstitutionID, in.Meeting, day, m.Now)
	h, err := gorm.G[Handover](m.Tx.Gorm(ctx)).Where("institution_id = ? AND held_on = ? AND title = ?", m.Matter.InstitutionID, day, in.Meeting).First(ctx)
	if err != nil {
		return nil, fmt.Errorf("find a meeting: %w", err)
	}
	return &h.ID, nil
}

// HandoverLine is what one unit was given at a meeting.
type HandoverLine struct {
	ID       string // of the assignment
	UnitID   string
	UnitName string
	Role     Role
	Status   workflow.Status
	Version  int64
	LetterNo string
	MatterID string
	Kind     matter.Kind
	Number   *string
	Title    string
	DueAt    *time.Time // of the answer, or the opinion
	SignedAt *time.Time // by the unit; nil: not yet
	Beside   []Share    `gorm:"-"` // all units that were given the matter at the meeting, who answers first
}

// seesHandover is the condition on the table assignments for an actor to read of
// it in a list: the office and the leaders read all, a unit its own.
func seesHandover(a member.Actor) (condition string, args []any) {
	if matter.Oversees(a) {
		return "", nil
	}
	units := a.Units()
	if len(units) == 0 {
		return " AND 1 = 0", nil
	}
	return " AND assignments.unit_id IN ? AND assignments.status NOT IN ?", []any{units, gone()}
}

// Handovers lists the meetings of the actor's institution, the newest first, up
// to limit behind the one named before: all for the office, and for a unit those
// at which it was given something.
func (s *Service) Handovers(ctx context.Context, a member.Actor, before string, limit int) ([]Handover, error) {
	q := s.db.Gorm(ctx).Where("handovers.institution_id = ?", a.InstitutionID)
	if condition, args := seesHandover(a); condition != "" {
		q = q.Where("EXISTS (SELECT 1 FROM assignments WHERE assignments.handover_id = handovers.id"+condition+")", args...)
	}
	if before != "" {
		q = q.Where("handovers.id < ?", before)
	}
	var rows []Handover
	if err := q.Order("handovers.id DESC").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list meetings: %w", err)
	}
	return rows, nil
}

// HandoverLines lists what was given at a meeting (交办清单), in the order in which
// it was, up to limit behind the assignment named after: all of it for the office,
// its own for a unit. ErrNoHandover tells of a meeting that the actor does not see.
func (s *Service) HandoverLines(ctx context.Context, a member.Actor, id, after string, limit int) (Handover, []HandoverLine, error) {
	var found []Handover
	if err := s.db.Gorm(ctx).Where("id = ? AND institution_id = ?", id, a.InstitutionID).Find(&found).Error; err != nil {
		return Handover{}, nil, fmt.Errorf("find a meeting: %w", err)
	}
	condition, args := seesHandover(a)
	args = append([]any{id}, args...)
	where := "assignments.handover_id = ?" + condition
	if after != "" {
		where, args = where+" AND assignments.id > ?", append(args, after)
	}
	var lines []HandoverLine
	err := s.db.Gorm(ctx).Raw(strings.Join([]string{`SELECT assignments.id, assignments.unit_id, units.name AS unit_name, assignments.role, assignments.status,
			assignments.version, assignments.letter_no, assignments.matter_id, matters.kind, matters.number, matters.title,
			due.due_at AS due_at, signed.acted_at AS signed_at
		FROM assignments JOIN units ON units.id = assignments.unit_id JOIN matters ON matters.id = assignments.matter_id
		LEFT JOIN deadlines due ON due.id = (SELECT d.id FROM deadlines d
			WHERE d.matter_id = assignments.matter_id AND d.assignment_id = assignments.id AND d.kind IN ('reply', 'opinion') ORDER BY d.id DESC LIMIT 1)
		LEFT JOIN events signed ON signed.id = (SELECT e.id FROM events e
			WHERE e.matter_id = assignments.matter_id AND e.assignment_id = assignments.id AND e.action = 'sign_for' ORDER BY e.id LIMIT 1)
		WHERE`, where, `ORDER BY assignments.id LIMIT ?`}, " "), append(args, limit)...).Scan(&lines).Error
	if err != nil {
		return Handover{}, nil, fmt.Errorf("list what was handed over: %w", err)
	}
	if len(found) == 0 || len(lines) == 0 && after == "" && !matter.Oversees(a) {
		return Handover{}, nil, ErrNoHandover
	}
	return found[0], lines, s.beside(ctx, id, lines)
}

// beside completes the lines of a meeting with the units that each matter was given to
// there. Who sees a matter knows which units have it.
func (s *Service) beside(ctx context.Context, id string, lines []HandoverLine) error {
	var ids []string
	for _, l := range lines {
		ids = append(ids, l.MatterID)
	}
	if len(ids) == 0 {
		return nil
	}
	var shares []Share
	err := s.db.Gorm(ctx).Raw(`SELECT s.matter_id, s.unit_id, units.name AS unit_name, s.role, s.round FROM assignments s JOIN units ON units.id = s.unit_id
		WHERE s.handover_id = ? AND s.matter_id IN ? AND s.status NOT IN ? ORDER BY s.id`, id, ids, gone()).Scan(&shares).Error
	if err != nil {
		return fmt.Errorf("list the units of a meeting: %w", err)
	}
	slices.SortStableFunc(shares, func(v, w Share) int { return cmp.Compare(v.Role.rank(), w.Role.rank()) })
	by := map[string][]Share{}
	for _, x := range shares {
		by[x.MatterID] = append(by[x.MatterID], x)
	}
	for i, l := range lines {
		lines[i].Beside = by[l.MatterID]
	}
	return nil
}

// LockAll locks the matters of assignments until the transaction ends, in the one
// order for everybody.
func LockAll(ctx context.Context, tx *store.Tx, ids ...string) error {
	var matters []string
	if err := tx.Gorm(ctx).Raw("SELECT DISTINCT matter_id FROM assignments WHERE id IN ?", ids).Scan(&matters).Error; err != nil {
		return fmt.Errorf("find the matters of assignments: %w", err)
	}
	if len(matters) == 0 {
		return nil
	}
	return matter.Lock(ctx, tx, matters...)
}
