package matter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// The faults of who is named as an author.
var (
	ErrAuthor   = fault.New(fault.Invalid, "matter.author", "没有找到这位委员，请从名册中重新选择。")
	ErrCoAuthor = fault.New(fault.Invalid, "matter.co_author", "联名人须是本单位的现任委员，不能重复，也不能是第一提出人本人。")
)

// MaxCoAuthors is how many members may be named beside the first author.
const MaxCoAuthors = 20

// oldest is how far back a paper may lie that is recorded as handed in.
const oldest = 366 * 24 * time.Hour

// Opening is what begins a matter.
type Opening struct {
	Kind      Kind
	Action    string          // of the table: "submit", or "draft"
	To        workflow.Status // where the action leads to several; empty: its first
	Title     string
	Category  string
	Urgent    bool            // it goes before all others from the beginning
	AuthorID  string          // for whom a liaison hands it in; empty: for oneself
	Body      *Body           // for which it is handed in, by leave of the kind; nil: for oneself
	CoAuthors []string        // people, in their order
	Paper     *workflow.Paper // where staff record it; names the author
}

// Open brings a matter into being. Its first author is the actor, or for whom a
// liaison hands it in, or who signed the paper that staff record, for themselves
// or for a body; all of it is queued in tx, and the kind adds its own row to the
// move that is returned. Who hands in for a body is FOR_BODY to the table. A
// lower institution on paper needs no person. ErrNotYours, ErrPaper, ErrAuthor,
// ErrBody and ErrCoAuthor tell of who may not.
func (s *Service) Open(ctx context.Context, tx *store.Tx, a member.Actor, o Opening) (*Move, error) {
	flow := s.heads[o.Kind].Flow
	author, by, err := s.authorOf(ctx, tx, a, o)
	if err != nil {
		return nil, err
	}
	parties := by.Recordable(author.Roles())
	if o.Body != nil {
		parties = append(parties, ForBody)
	}
	rule, refusal := flow.Allow(o.Action, "", parties)
	if refusal != workflow.Granted {
		switch {
		case o.Paper != nil:
			return nil, ErrNotYours.Saying("纸件上的提出人在那一天不是现任委员，不能登记。请核对姓名、届次和日期。")
		case author.PersonID != a.PersonID: // for whom a liaison hands it in is no member now
			return nil, ErrAuthor
		}
		return nil, ErrNotYours
	}
	to := rule.To[0]
	if o.To != "" {
		to = o.To
	}
	now := s.now()
	x := Matter{
		ID: store.NewID(), InstitutionID: a.InstitutionID, Kind: o.Kind, Title: o.Title, Status: to, Category: o.Category, Urgent: o.Urgent,
		Visibility: Parties, Source: FromApp, Version: 1, SubmittedAt: by.At, CreatedAt: now, UpdatedAt: now,
	}
	if o.Paper != nil {
		x.Source = FromPaper
	}
	lead := authorRow(x, author, 1)
	lead.Role, lead.Consent = First, Given
	if err := lead.standFor(ctx, tx, o.Body); err != nil {
		return nil, err
	}
	if author.PersonID == "" && by.Signer == "" {
		by.Signer = lead.BodyName
	}
	if o.Paper == nil && o.AuthorID != "" && o.AuthorID != a.PersonID {
		lead.OnBehalfBy = &a.PersonID
	}
	others, err := coAuthors(ctx, tx, x, author.PersonID, o.CoAuthors, by)
	if err != nil {
		return nil, err
	}
	m := &Move{
		Tx: tx, Now: now, By: by, Flow: flow, Rule: rule, Matter: x, Authors: append([]Author{lead}, others...), To: x.Status,
		Subject: Subject{Table: "matters", ID: x.ID},
	}
	tx.Insert(&x)
	for i := range m.Authors {
		tx.Insert(&m.Authors[i])
	}
	if o.Paper != nil {
		m.Input = workflow.New{Paper: o.Paper}
	}
	if err := s.line(ctx, m); err != nil {
		return nil, err
	}
	state, _ := flow.State(x.Status)
	if err := s.Begin(ctx, tx, Beginning{Matter: x, State: state, First: author.PersonID, Now: by.At}); err != nil {
		return nil, err
	}
	return m, nil
}

// authorOf finds out whose matter it is to be.
func (s *Service) authorOf(ctx context.Context, tx *store.Tx, a member.Actor, o Opening) (member.Actor, By, error) {
	now := s.now()
	switch {
	case o.Paper != nil:
		by, err := s.By(ctx, tx.Peek(), a, o.Paper, now.Add(-oldest), o.AuthorID)
		if err == nil && by.Actor.PersonID == "" && (o.Body == nil || o.Body.Kind != InstitutionBody) {
			err = ErrAuthor
		}
		return by.Actor, by, err
	case o.AuthorID == "" || o.AuthorID == a.PersonID:
		return a, By{Actor: a, Typist: a, At: now}, nil
	case !assists(a):
		return a, By{}, ErrNotYours
	}
	authors, err := member.Actors(ctx, tx.Peek(), a.InstitutionID, []string{o.AuthorID}, calendar.Of(now))
	if errors.Is(err, member.ErrNotFound) {
		err = ErrAuthor
	}
	if err != nil {
		return a, By{}, err
	}
	return authors[0], By{Actor: a, Typist: a, At: now}, nil
}

// assists reports whether an actor hands in for members: a liaison does.
func assists(a member.Actor) bool { return a.Is(member.Liaison) }

// coAuthors makes the rows of those who are named beside the first author. What
// they signed on paper they agreed to; else they are asked when it is handed in.
// They must be members on the day of the act.
func coAuthors(ctx context.Context, tx *store.Tx, x Matter, firstID string, ids []string, by By) ([]Author, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if len(ids) > MaxCoAuthors || slices.Contains(ids, firstID) || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(ids) {
		return nil, ErrCoAuthor
	}
	people, err := member.Actors(ctx, tx.Peek(), x.InstitutionID, ids, calendar.Of(by.At))
	if errors.Is(err, member.ErrNotFound) {
		return nil, ErrCoAuthor
	}
	if err != nil {
		return nil, err
	}
	consent := Named // AskCoAuthors asks them
	if by.OnPaper() {
		consent = Given
	}
	var rows []Author
	for i, p := range people {
		if !p.Is(member.Member) {
			return nil, ErrCoAuthor
		}
		row := authorRow(x, p, i+2)
		row.Role, row.Consent = Co, consent
		rows = append(rows, row)
	}
	return rows, nil
}

func authorRow(x Matter, p member.Actor, ordinal int) Author {
	return Author{
		MatterID: x.ID, Ordinal: ordinal, InstitutionID: x.InstitutionID, PersonID: orNil(p.PersonID),
		Name: p.Name, Sector: p.Sector, GroupName: p.GroupName, Term: p.Term,
	}
}

// standFor lets an author stand for a body; nil for none.
func (a *Author) standFor(ctx context.Context, tx *store.Tx, body *Body) error {
	if body == nil {
		return nil
	}
	b, err := body.found(ctx, tx.Peek(), a.InstitutionID)
	a.BodyKind, a.BodyUnitID, a.BodyName = b.Kind, orNil(b.UnitID), b.Name
	return err
}

// ReplaceCoAuthors gives a matter that is not handed in yet, or was returned,
// other co-authors; nil leaves them as they are. Whoever has agreed already stays
// agreed, who signed the paper has agreed, and who is left out is told, if they
// knew of it.
func (m *Move) ReplaceCoAuthors(ctx context.Context, ids []string) error {
	if ids == nil {
		return nil
	}
	x := m.Matter
	rows, err := coAuthors(ctx, m.Tx, x, m.FirstAuthor(), ids, m.By)
	if err != nil {
		return err
	}
	before, out := map[string]Author{}, []string(nil)
	for _, a := range m.Authors {
		if a.ViaMatterID != nil { // whom a merge brought is not the first author's to name
			continue
		}
		if a.OwnConsent != nil {
			a.Consent = *a.OwnConsent
		}
		before[a.Person()] = a
	}
	m.Tx.Exec("DELETE FROM authors WHERE matter_id = ? AND role = 'CO'", x.ID)
	for i := range rows {
		if was, ok := before[rows[i].Person()]; ok && rows[i].Consent != Given {
			rows[i].Consent = was.Consent
		}
		m.Tx.Insert(&rows[i])
	}
	if err := gather(ctx, m.Tx, x.ID, "", nil); err != nil {
		return err
	}
	was := m.Authors
	if m.Authors, err = Authors(ctx, m.Tx, x.ID); err != nil {
		return err
	}
	for _, a := range was {
		knew := a.Consent == Given || a.Consent == Asked
		if knew && !slices.ContainsFunc(m.Authors, func(b Author) bool { return b.Person() == a.Person() }) {
			out = append(out, a.Person())
		}
	}
	m.Tell(x, out, notify.Decision, "您不再是联名人", fmt.Sprintf("%s修改了“%s”，联名人中不再有您。", m.Actor.Name, x.Title), m.Words("联名有变"))
	return nil
}

// AskCoAuthors asks those who were named beside the first author, and tells
// them: from now on they see the matter.
func (m *Move) AskCoAuthors() {
	var asked []string
	for i, a := range m.Authors {
		if a.Consent == Named {
			asked = append(asked, a.Person())
			m.Authors[i].Consent = Asked
		}
	}
	if len(asked) == 0 {
		return
	}
	m.Tx.Exec("UPDATE authors SET consent = ? WHERE matter_id = ? AND consent = ?", Asked, m.Matter.ID, Named)
	m.Tx.Exec("UPDATE authors SET own_consent = ? WHERE matter_id = ? AND own_consent = ?", Asked, m.Matter.ID, Named)
	from := m.Actor.Name
	if body := m.Authors[0].BodyName; body != "" {
		from = body
	}
	m.Tell(m.Matter, asked, notify.Task, from+"请您联名", fmt.Sprintf("%s提出“%s”，请您作为联名人。请打开查看，同意或不参加。", from, m.Matter.Title), m.Words("请您联名"))
}

// HasMerged reports whether others were merged into the matter.
func (m *Move) HasMerged(ctx context.Context) (bool, error) { return hasMerged(ctx, m.Tx, m.Matter.ID) }

func hasMerged(ctx context.Context, c store.Conn, id string) (bool, error) {
	var merged []string
	if err := c.Gorm(ctx).Raw("SELECT id FROM matters WHERE merged_into = ? LIMIT 1", id).Scan(&merged).Error; err != nil {
		return false, fmt.Errorf("find what was merged: %w", err)
	}
	return len(merged) > 0, nil
}
