package handling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yanlu/internal/attachment"
	"yanlu/internal/audit"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/seal"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Service assigns matters to units and takes their answers.
type Service struct {
	db      *store.DB
	matters *matter.Service
	files   *attachment.Service
	keeper  *seal.Keeper
	now     func() time.Time
	flow    workflow.Table // with everything; what holds is of the kind
	kinds   map[matter.Kind]kindTerms
	effects map[string]func(context.Context, *step) error
}

// New returns the service and lets the units of a matter see it. It panics
// where its own table is wrong.
func New(db *store.DB, matters *matter.Service, files *attachment.Service, keeper *seal.Keeper, now func() time.Time) *Service {
	s := &Service{db: db, matters: matters, files: files, keeper: keeper, now: now, flow: Flow(), kinds: map[matter.Kind]kindTerms{}}
	if err := s.flow.Check(); err != nil {
		panic(err)
	}
	s.effects = map[string]func(context.Context, *step) error{
		"sign_for": s.signFor, "give_opinion": s.giveOpinion, "reply": s.reply, "reply_by_letter": s.reply, "pass": s.pass, "send_back_reply": s.sendBack,
		"ask_return": s.askReturn, "refuse_return": s.refuseReturn, "allow_return": s.allowReturn, "report_progress": s.reportProgress,
		"log_contact": s.logContact, "ask_extension": s.askExtension, "grant_extension": s.grantExtension, "refuse_extension": s.refuseExtension,
		"urge": s.urge, markAuthor: s.markAuthor,
	}
	matters.AddSight(unitSees)
	matters.AddInsider(unitHandles)
	matters.AddTail(s.flow, unitNames)
	return s
}

// Effects takes the terms of a kind, and returns what the actions of Rules do, for
// its head. It panics where the tables under these terms are wrong.
func (s *Service) Effects(k matter.Kind, t Terms) map[string]matter.Effect {
	forms := t.forms()
	for _, f := range forms {
		if err := f.Check(); err != nil {
			panic(err)
		}
	}
	s.kinds[k] = kindTerms{t, forms}
	s.matters.AddTailOf(k, []workflow.Table{forms[Lead], forms[Co]}, t.lengths()...)
	return map[string]matter.Effect{
		"dispatch": s.dispatch, "rate": rate, "object": s.object, "rehandle": s.rehandle, "uphold": s.uphold, "close_without_rating": closeWithoutRating,
		"confirm_rating": confirmRating, "ask_urge": s.askUrge, "add_unit": s.addUnit, rateOriginal: s.rateMerged, markHandling: s.markHandling,
		"follow_up": s.followUp,
	}
}

func unitSees(a member.Actor) (string, []any) {
	units := a.Units()
	if len(units) == 0 {
		return "", nil
	}
	return "SELECT matter_id FROM assignments WHERE unit_id IN ? AND status NOT IN ?", []any{units, gone()}
}

// unitNames names the units of assignments.
func unitNames(ctx context.Context, c store.Conn, assignmentIDs []string) (map[string]string, error) {
	var rows []struct{ ID, Name string }
	err := c.Gorm(ctx).Raw("SELECT a.id, u.name FROM assignments a JOIN units u ON u.id = a.unit_id WHERE a.id IN ?", assignmentIDs).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("name the units of assignments: %w", err)
	}
	by := make(map[string]string, len(rows))
	for _, r := range rows {
		by[r.ID] = r.Name
	}
	return by, nil
}

// gone lists the states in which a matter is no longer a unit's to see.
func gone() []workflow.Status { return []workflow.Status{Released, Recalled} }

// unitHandles lets the units of a matter read all of it, as Detail.Insider does.
func unitHandles(a member.Actor) (string, []any) {
	units := a.Units()
	if len(units) == 0 {
		return "", nil
	}
	return "EXISTS (SELECT 1 FROM assignments WHERE assignments.matter_id = matters.id AND assignments.unit_id IN ? AND assignments.status NOT IN ?)", []any{units, gone()}
}

// step is one move of one assignment. The move of the assignment is applied
// after the effect; then comes next, for what follows from it.
type step struct {
	*matter.Move
	assignment Assignment
	unit       string // its name
	label      string // of the matter's kind
	terms      Terms
	next       func(ctx context.Context) error
}

// Moved is an assignment after an act, with the table that holds for it.
type Moved struct {
	Assignment
	Flow workflow.Table
}

// Act takes an action on an assignment. Besides the faults of the action's own
// rules: ErrNotFound, matter.ErrNotYours, matter.ErrNotNow, matter.ErrStale.
func (s *Service) Act(ctx context.Context, tx *store.Tx, a member.Actor, id, action string, input workflow.Input) (Moved, error) {
	row, x, authors, err := s.find(ctx, tx, a, id)
	if err != nil {
		return Moved{}, err
	}
	asg := row.Assignment
	flow := s.FlowOf(x.Kind, asg.Role)
	rule, ok := flow.Rule(action)
	if !ok {
		return Moved{}, matter.ErrNotNow.Saying("这类事项没有这项操作。")
	}
	since, err := matter.Since(ctx, tx, input.OnPaper(), rule, x.ID, &asg.ID, asg.CreatedAt)
	if err != nil {
		return Moved{}, err
	}
	by, err := s.matters.By(ctx, tx, a, input.OnPaper(), since, "")
	if err != nil {
		return Moved{}, err
	}
	parties := PartiesOf(by.Actor, asg)
	if input.OnPaper() != nil && by.Actor.PersonID == "" { // the unit signed it
		by.Actor.Held = []member.Held{{Role: member.UnitHandler, UnitID: asg.UnitID}}
		parties = PartiesOf(by.Actor, asg)
		if by.Signer == "" {
			by.Signer = row.UnitName
		}
		audit.ActedFor(ctx, asg.UnitID)
	}
	rule, refusal := flow.Allow(action, asg.Status, by.Recordable(parties, AnyUnit, LeadUnit, CoUnit))
	if err := matter.Refused(refusal, input.SeenVersion(), asg.Version); err != nil {
		return Moved{}, err
	}
	st := &step{assignment: asg, unit: row.UnitName, label: s.matters.Flow(x.Kind).Label, terms: s.kinds[x.Kind].Terms, Move: &matter.Move{
		Tx: tx, Now: s.now(), By: by, Flow: flow, Rule: rule, Input: input, Matter: x, Authors: authors,
		Subject: matter.Subject{Table: "assignments", ID: asg.ID, AssignmentID: &asg.ID, Status: asg.Status, Version: input.SeenVersion()},
		Comment: input.GivenReason(),
	}}
	if err := s.effects[action](ctx, st); err != nil {
		return Moved{}, err
	}
	if err := s.matters.Apply(ctx, st.Move); err != nil {
		return Moved{}, err
	}
	if st.next != nil {
		if err := st.next(ctx); err != nil {
			return Moved{}, err
		}
		if err := s.matters.Deliver(ctx, st.Move); err != nil {
			return Moved{}, err
		}
	}
	asg.Status, asg.UpdatedAt = st.To, st.Now
	if !st.Rule.Stays() { // what only adds to it leaves the version that the actor saw
		asg.Version = st.Subject.Version + 1
	}
	return Moved{asg, flow}, nil
}

// find returns an assignment that the actor may see, with its matter, whose row
// it locks until the transaction ends.
func (s *Service) find(ctx context.Context, tx *store.Tx, a member.Actor, id string) (assignmentRow, matter.Matter, []matter.Author, error) {
	lock := ""
	if tx.Postgres() {
		lock = " FOR UPDATE OF matters"
	}
	x, err := s.matterOf(ctx, tx, a, id, lock)
	if err != nil {
		return assignmentRow{}, matter.Matter{}, nil, err
	}
	asg, err := s.assignment(ctx, tx, a, id)
	if err != nil {
		return assignmentRow{}, matter.Matter{}, nil, err
	}
	authors, err := matter.Authors(ctx, tx, x.ID)
	return asg, x, authors, err
}

// matterOf returns the matter of an assignment, if the actor may see it.
func (s *Service) matterOf(ctx context.Context, c store.Conn, a member.Actor, id, lock string) (matter.Matter, error) {
	condition, args := s.matters.Visible(a)
	var xs []matter.Matter
	err := c.Gorm(ctx).Raw("SELECT matters.* FROM matters WHERE id = (SELECT matter_id FROM assignments WHERE id = ?) AND "+condition+lock,
		append([]any{id}, args...)...).Scan(&xs).Error
	if err != nil {
		return matter.Matter{}, fmt.Errorf("find the matter of an assignment: %w", err)
	}
	if len(xs) == 0 {
		return matter.Matter{}, ErrNotFound
	}
	return xs[0], nil
}

// assignment returns an assignment for the office, a leader, or its own unit.
// Authors and other units read of it in the timeline.
func (s *Service) assignment(ctx context.Context, c store.Conn, a member.Actor, id string) (assignmentRow, error) {
	var rows []assignmentRow
	err := c.Gorm(ctx).Raw(`SELECT assignments.*, units.name AS unit_name FROM assignments
		JOIN units ON units.id = assignments.unit_id WHERE assignments.id = ?`, id).Scan(&rows).Error
	if err != nil {
		return assignmentRow{}, fmt.Errorf("find an assignment: %w", err)
	}
	if len(rows) == 0 || !matter.Oversees(a) && (!slices.Contains(a.Units(), rows[0].UnitID) || slices.Contains(gone(), rows[0].Status)) {
		return assignmentRow{}, ErrNotFound
	}
	return rows[0], nil
}

// MaySee returns ErrNotFound unless the actor may see an assignment.
func (s *Service) MaySee(ctx context.Context, a member.Actor, id string) error {
	if _, err := s.matterOf(ctx, s.db, a, id, ""); err != nil {
		return err
	}
	_, err := s.assignment(ctx, s.db, a, id)
	return err
}

// OnPaper lists the parties to an assignment whose acts an actor may record from
// paper; none for who is no clerk.
func OnPaper(a member.Actor, asg Assignment) []workflow.Party {
	if !matter.Clerk(a) {
		return nil
	}
	return PartiesOf(member.Actor{Held: []member.Held{{Role: member.UnitHandler, UnitID: asg.UnitID}, {Role: member.Leader}}}, asg)
}

// PartiesOf lists what an actor is to an assignment: their roles, and whether
// they handle for its unit or lead it.
func PartiesOf(a member.Actor, asg Assignment) []workflow.Party {
	parties := a.Roles()
	if slices.Contains(a.Units(), asg.UnitID) {
		parties = append(parties, AnyUnit)
		if asg.Role.answers() {
			parties = append(parties, LeadUnit)
		} else {
			parties = append(parties, CoUnit)
		}
	}
	return parties
}
