package handling

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/seal"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Service assigns matters to units and takes their answers.
type Service struct {
	db      *store.DB
	matters *matter.Service
	keeper  *seal.Keeper
	now     func() time.Time
	flow    workflow.Table
	effects map[string]func(context.Context, *step) error
}

// New returns the service and lets the units of a matter see it. It panics
// where its own table is wrong.
func New(db *store.DB, matters *matter.Service, keeper *seal.Keeper, now func() time.Time) *Service {
	s := &Service{db: db, matters: matters, keeper: keeper, now: now, flow: Flow()}
	if err := s.flow.Check(); err != nil {
		panic(err)
	}
	s.effects = map[string]func(context.Context, *step) error{
		"sign_for": s.signFor, "give_opinion": s.giveOpinion, "reply": s.reply, "pass": s.pass, "send_back_reply": s.sendBack,
	}
	matters.AddSight(unitSees)
	return s
}

// Effects returns what the actions of Rules do, for the head of a kind.
func (s *Service) Effects() map[string]matter.Effect {
	return map[string]matter.Effect{"dispatch": s.dispatch, "rate": rate}
}

func unitSees(a member.Actor) (string, []any) {
	units := a.Units()
	if len(units) == 0 {
		return "", nil
	}
	return "matters.id IN (SELECT matter_id FROM assignments WHERE unit_id IN ?)", []any{units}
}

// step is one move of one assignment. The move of the assignment is applied
// after the effect; then comes next, for what follows from it.
type step struct {
	*matter.Move
	assignment Assignment
	unit       string // its name
	next       func(ctx context.Context) error
}

// dispatch assigns the matter to its lead unit and co-units and begins a round.
func (s *Service) dispatch(ctx context.Context, m *matter.Move) error {
	in := m.Input.(DispatchInput)
	ids := append([]string{in.LeadUnitID}, in.CoUnitIDs...)
	if len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		return ErrUnitTwice
	}
	units, err := institution.FindUnits(ctx, m.Tx, m.Matter.InstitutionID, ids)
	if err != nil {
		return err
	}
	name := map[string]string{}
	for _, u := range units {
		name[u.ID] = u.Name
	}
	clock := replyClock
	if in.Days > 0 {
		clock.Span = calendar.Span{Count: in.Days, Unit: calendar.WorkingDay}
	}
	round := m.Matter.Round + 1
	m.Set("round", round)
	m.Comment = "主办：" + name[in.LeadUnitID]
	for i, id := range ids {
		role := Co
		if i == 0 {
			role = Lead
		}
		if err := s.assign(ctx, m, id, role, round, clock); err != nil {
			return err
		}
		if i == 1 {
			m.Comment += "；会办：" + name[id]
		} else if i > 1 {
			m.Comment += "、" + name[id]
		}
	}
	return nil
}

func (s *Service) assign(ctx context.Context, m *matter.Move, unitID string, role Role, round int, clock workflow.Clock) error {
	a := Assignment{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, UnitID: unitID, Round: round, Role: role,
		Status: Dispatched, Requirement: m.Input.(DispatchInput).Requirement, Version: 1, CreatedAt: m.Now, UpdatedAt: m.Now,
	}
	m.Tx.Insert(&a)
	if _, err := s.matters.Start(ctx, m.Tx, m.Matter, &a.ID, clock, m.Now); err != nil {
		return err
	}
	state, _ := s.flow.State(Dispatched)
	return s.matters.Begin(ctx, m.Tx, matter.Beginning{
		Matter: m.Matter, AssignmentID: &a.ID, State: state, Holder: matter.UnitHolder(unitID), Now: m.Now,
	})
}

// rate books the author's judgement.
func rate(_ context.Context, m *matter.Move) error {
	in := m.Input.(RateInput)
	m.Tx.Insert(&Rating{
		ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, PersonID: m.Actor.PersonID,
		Round: m.Matter.Round, Attitude: in.Attitude, Result: in.Result, Comment: in.Comment, CreatedAt: m.Now,
	})
	return nil
}

// Act takes an action on an assignment. Besides the faults of the action's own
// rules: ErrNotFound, matter.ErrNotYours, matter.ErrNotNow, matter.ErrStale.
func (s *Service) Act(ctx context.Context, tx *store.Tx, a member.Actor, id, action string, input workflow.Input) (Assignment, error) {
	row, x, authors, err := s.find(ctx, tx, a, id)
	if err != nil {
		return Assignment{}, err
	}
	asg := row.Assignment
	rule, refusal := s.flow.Allow(action, asg.Status, PartiesOf(a, asg))
	if err := matter.Refused(refusal); err != nil {
		return Assignment{}, err
	}
	st := &step{assignment: asg, unit: row.UnitName, Move: &matter.Move{
		Tx: tx, Now: s.now(), Actor: a, Flow: s.flow, Rule: rule, Input: input, Matter: x, Authors: authors,
		Subject: matter.Subject{Table: "assignments", ID: asg.ID, AssignmentID: &asg.ID, Status: asg.Status, Version: input.SeenVersion()},
		Comment: input.GivenReason(),
	}}
	if err := s.effects[action](ctx, st); err != nil {
		return Assignment{}, err
	}
	if err := s.matters.Apply(ctx, st.Move); err != nil {
		return Assignment{}, err
	}
	if st.next != nil {
		if err := st.next(ctx); err != nil {
			return Assignment{}, err
		}
	}
	asg.Status, asg.Version, asg.UpdatedAt = st.To, st.Subject.Version+1, st.Now
	return asg, nil
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
	if len(rows) == 0 || !matter.Oversees(a) && !slices.Contains(a.Units(), rows[0].UnitID) {
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

// PartiesOf lists what an actor is to an assignment: their roles, and whether
// they handle for its unit or lead it.
func PartiesOf(a member.Actor, asg Assignment) []workflow.Party {
	parties := a.Roles()
	if slices.Contains(a.Units(), asg.UnitID) {
		parties = append(parties, AnyUnit)
		if asg.Role == Lead {
			parties = append(parties, LeadUnit)
		} else {
			parties = append(parties, CoUnit)
		}
	}
	return parties
}

func (s *Service) signFor(_ context.Context, st *step) error {
	in := st.Input.(SignForInput)
	sealed, err := s.sealPhone(in.HandlerPhone, handlerContext(st.assignment.ID))
	if err != nil {
		return err
	}
	st.Comment = st.unit
	st.Set("handler_name", in.HandlerName)
	st.Set("handler_phone_sealed", sealed)
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	return nil
}

func (s *Service) giveOpinion(_ context.Context, st *step) error {
	st.Tx.Insert(newReply(st, Opinion, st.Input.(OpinionInput).Body))
	return nil
}

func (s *Service) reply(_ context.Context, st *step) error {
	in := st.Input.(ReplyInput)
	r := newReply(st, Answer, in.Body)
	sealed, err := s.sealPhone(in.ContactPhone, contactContext(r.ID))
	if err != nil {
		return err
	}
	r.Outcome, r.ContactName, r.ContactPhoneSealed, r.Way = in.Outcome, in.ContactName, sealed, in.Way
	st.Tx.Insert(r)
	return nil
}

func newReply(st *step, kind ReplyKind, body string) *Reply {
	return &Reply{
		ID: store.NewID(), InstitutionID: st.Matter.InstitutionID, MatterID: st.Matter.ID, AssignmentID: st.assignment.ID,
		Round: st.assignment.Round, Kind: kind, Body: body, SubmittedAt: st.Now,
	}
}

// sendBack returns a reply to its unit; the time to answer goes on from where
// it stood.
func (s *Service) sendBack(ctx context.Context, st *step) error {
	st.Holder = matter.UnitHolder(st.assignment.UnitID)
	_, err := s.judge(ctx, st, SentBack)
	return err
}

// pass lets the reply go: the matter is answered, opinions that are still out
// lapse, and every author is told.
func (s *Service) pass(ctx context.Context, st *step) error {
	r, err := s.judge(ctx, st, Passed)
	if err != nil {
		return err
	}
	st.next = func(ctx context.Context) error {
		if err := s.lapse(ctx, st); err != nil {
			return err
		}
		return s.matters.Settle(ctx, st.Move, "settle", func(m *matter.Move) {
			m.Comment = st.unit
			tell(m, r, st.unit)
		})
	}
	return nil
}

func tell(m *matter.Move, r Reply, unit string) {
	number := ""
	if m.Matter.Number != nil {
		number = *m.Matter.Number
	}
	m.TellAuthors(notify.Reply, "您的"+m.Flow.Label+"有答复了",
		fmt.Sprintf("“%s”已由%s答复，办理结果：%s。请查看并评价。", m.Matter.Title, unit, OutcomeLabel(r.Outcome)),
		map[string]string{
			"title": m.Matter.Title, "kind": m.Flow.Label, "number": number, "unit": unit, "status": "已答复",
			"outcome": OutcomeLabel(r.Outcome), "time": m.Now.In(calendar.Beijing()).Format("2006-01-02 15:04"), "note": "请查看答复并评价",
		})
}

// judge writes the verdict on the reply that is being checked.
func (s *Service) judge(ctx context.Context, st *step, v Verdict) (Reply, error) {
	r, err := gorm.G[Reply](st.Tx.Gorm(ctx)).Where("assignment_id = ? AND kind = ? AND verdict = ''", st.assignment.ID, Answer).
		Order("id DESC").First(ctx)
	if err != nil {
		return Reply{}, fmt.Errorf("find the reply under check: %w", err)
	}
	st.Tx.Exec("UPDATE replies SET verdict = ?, checked_at = ? WHERE id = ?", v, st.Now, r.ID)
	return r, nil
}

// lapse ends the assignments of this round that nobody needs any more.
func (s *Service) lapse(ctx context.Context, st *step) error {
	rule, _ := s.flow.Rule("lapse")
	open, err := gorm.G[Assignment](st.Tx.Gorm(ctx)).
		Where("matter_id = ? AND round = ? AND id <> ? AND status IN ?", st.Matter.ID, st.assignment.Round, st.assignment.ID, rule.From).
		Order("id").Find(ctx)
	if err != nil {
		return fmt.Errorf("find open assignments: %w", err)
	}
	for _, asg := range open {
		err := s.matters.Apply(ctx, &matter.Move{
			Tx: st.Tx, Now: st.Now, Actor: st.Actor, Flow: s.flow, Rule: rule, Matter: st.Matter, Authors: st.Authors,
			Subject: matter.Subject{Table: "assignments", ID: asg.ID, AssignmentID: &asg.ID, Status: asg.Status, Version: asg.Version},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func handlerContext(id string) string { return "assignments.handler_phone:" + id }
func contactContext(id string) string { return "replies.contact_phone:" + id }

// phone is a mobile number, or a fixed line with its area code and perhaps an
// extension.
var phone = regexp.MustCompile(`^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{7,8})$`)

func (s *Service) sealPhone(number, context string) ([]byte, error) {
	number = strings.ReplaceAll(number, " ", "")
	if !phone.MatchString(number) {
		return nil, ErrPhone
	}
	return s.keeper.Seal(number, context)
}
