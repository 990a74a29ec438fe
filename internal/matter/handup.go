package matter

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/notify"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// The faults of handing up.
var (
	ErrNoParent    = fault.New(fault.Conflict, "matter.no_parent", "没有可以直接上报的上级政协：本单位没有设置上级，或上级不在本平台接收上报。请填写“上报到”哪个单位，按原渠道报送，再登记上级的办理情况。")
	ErrHandedUp    = fault.New(fault.Conflict, "matter.handed_up", "这件事项已经上报，上级正在办理，不用重复上报。")
	ErrNotHandedUp = fault.New(fault.Conflict, "matter.not_handed_up", "没有找到上报到这个单位的记录，请先上报，或核对上级单位的名称。")
)

// FromLower is whether an institution takes in here what those below it hand up.
// One that uses another system for it does not.
func FromLower() institution.Setting[bool] {
	return institution.Setting[bool]{Name: "matter.from_lower", Label: "在本平台接收下级政协上报的事项", Default: true}
}

// Above is what the office books of what became of a matter above.
type Above string

// What may have become of it.
const (
	ReceivedAbove Above = "RECEIVED"
	FiledAbove    Above = "FILED"
	RefusedAbove  Above = "NOT_FILED"
	AdoptedAbove  Above = "ADOPTED"
	AnsweredAbove Above = "ANSWERED"
	PraisedAbove  Above = "EXCELLENT"
)

// Label is what people call it.
func (a Above) Label() string {
	return map[Above]string{
		ReceivedAbove: "已收到", FiledAbove: "已立案", RefusedAbove: "没有立案或采用", AdoptedAbove: "已采用", AnsweredAbove: "已答复", PraisedAbove: "被评为优秀",
	}[a]
}

// HandUp is one time that a matter was handed up.
type HandUp struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	MatterID      string
	Organ         string  // to whom: "市政协"
	UpperID       *string // the matter that it became there; nil: they use another system
	Number        string  // which they gave it, as the office has booked it
	Result        Above   // the newest that was booked; empty: nothing
	HandedAt      time.Time
}

// TableName names the table.
func (HandUp) TableName() string { return "handups" }

// HandUpInput hands a matter up.
type HandUpInput struct {
	workflow.Seen
	Organ string `json:"organ,omitempty" maxLength:"50" example:"市委办公室" label:"上报到" widget:"text" doc:"不填则在本平台报上级政协；上级另有系统，或报其他单位的，填写单位名称"`
	Note  string `json:"note,omitempty" maxLength:"200" example:"涉及跨县河道，请上级协调。" label:"说明" widget:"textarea" doc:"说明，提出人看得到，可不填"`
}

// AboveInput books what became of a matter that was handed up to somebody who
// uses another system.
type AboveInput struct {
	workflow.Seen
	Organ  string `json:"organ,omitempty" maxLength:"50" example:"" label:"上级单位" widget:"text" doc:"哪个上级单位；不填则为最近一次上报到的"`
	Result Above  `json:"result" enum:"RECEIVED,FILED,NOT_FILED,ADOPTED,ANSWERED,EXCELLENT" example:"FILED" label:"办理情况" widget:"choice" options:"above_results" doc:"上级办理到哪一步"`
	Number string `json:"number,omitempty" maxLength:"50" example:"市政协第88号" label:"上级编号" widget:"text" doc:"上级给的编号，可不填"`
	Text   string `json:"text,omitempty" maxLength:"3000" example:"市水利局已答复：列入明年计划。" label:"具体内容" widget:"textarea" doc:"答复、采用或表彰的具体内容，会告诉提出人，可不填"`
}

// Upward is how a kind hands its matters up: a snapshot becomes a matter of the
// parent institution, of the same kind.
type Upward struct {
	// Action is that of the table which brings what is handed in into being there.
	Action string
	// Row writes what the kind keeps beside the matter: a copy of what it keeps
	// beside the one of m, for the institution of up. It copies nothing that is not
	// of the text itself: no telephone number, and no identifier of a person.
	Row func(ctx context.Context, m, up *Move) error
	// Back books in the kind's own rows what came back of the matter of m, and returns
	// the action of the system that moves it on, empty for none; its rule is silent,
	// since the line of what came back is there. Nil: there is nothing to book.
	Back func(ctx context.Context, m *Move, f Feedback) (action string, err error)
}

// HandUpRules returns the actions of handing up for a head's table: from some
// states, to where it waits for what comes from above (nil: it stays where it is),
// by the given parties; and the booking of what came back, in the states booked.
// Its head has an Upward, and its effects those of SharedEffects.
func HandUpRules(from, to, booked []workflow.Status, who []workflow.Party) []workflow.Rule {
	return []workflow.Rule{
		{Action: "hand_up", Label: "上报上级", From: from, To: to, Who: who, Input: HandUpInput{}, Audience: workflow.Everyone, Bulk: true},
		{Action: "book_above", Label: "登记上级办理情况", From: booked, Who: who, Input: AboveInput{}, Audience: workflow.Everyone},
	}
}

// HandUp hands the matter of a move up: to the parent institution, where it
// becomes a new matter of the kind, or, where an organ is named, to somebody who
// uses another system. It tells nobody of it, and returns to whom it went. A kind
// with an action of its own for it calls this in its effect; what comes back is
// taken down alike. ErrNoParent and ErrHandedUp tell why it cannot be.
func (s *Service) HandUp(ctx context.Context, m *Move, organ string) (HandUp, error) {
	h := &HandUp{ID: store.NewID(), InstitutionID: m.Matter.InstitutionID, MatterID: m.Matter.ID, Organ: strings.TrimSpace(organ), HandedAt: m.At}
	if h.Organ == "" {
		if err := s.ascend(ctx, m, h); err != nil {
			return HandUp{}, err
		}
	}
	m.Tx.Insert(h)
	return *h, nil
}

// handUp is the effect of HandUpRules.
func (s *Service) handUp(ctx context.Context, m *Move) error {
	in := m.Input.(HandUpInput)
	h, err := s.HandUp(ctx, m, in.Organ)
	if err != nil {
		return err
	}
	m.Comment = strings.TrimSuffix("上报到"+h.Organ+"。"+in.Note, "。")
	m.TellAuthors(notify.Decision, "您的"+m.Flow.Label+"已上报",
		fmt.Sprintf("“%s”已上报到%s，有结果会告诉您。", m.Matter.Title, h.Organ), m.Words("已上报"))
	return nil
}

// ascend makes a matter of the parent institution of a snapshot of that of m.
func (s *Service) ascend(ctx context.Context, m *Move, h *HandUp) error {
	own, parent, err := institution.WithParent(ctx, m.Tx, m.Matter.InstitutionID)
	if err != nil {
		return err
	}
	head := s.heads[m.Matter.Kind]
	if parent == nil || head.Upward == nil {
		return ErrNoParent
	}
	takes, err := FromLower().Of(ctx, m.Tx, parent.ID)
	if err != nil {
		return err
	}
	if !takes {
		return ErrNoParent
	}
	if err := s.UnderWay(ctx, m); err != nil {
		return err
	}
	rule, ok := head.Flow.Rule(head.Upward.Action)
	if !ok || len(rule.From) > 0 {
		return fmt.Errorf("hand up %s: %s brings nothing into being", head.Kind, head.Upward.Action)
	}
	origin := m.Matter.ID
	x := Matter{
		ID: store.NewID(), InstitutionID: parent.ID, Kind: head.Kind, Title: m.Matter.Title, Status: rule.To[0], Category: m.Matter.Category, Urgent: m.Matter.Urgent,
		Visibility: Parties, Source: FromApp, OriginID: &origin, Version: 1, SubmittedAt: m.At, CreatedAt: m.Now, UpdatedAt: m.Now,
	}
	author := Author{
		MatterID: x.ID, Ordinal: 1, InstitutionID: parent.ID, Role: First, BodyKind: InstitutionBody, BodyName: own.Name, Consent: Given,
		Name: allNames(m.Authors), Sector: firstOf(m.Authors).Sector,
	}
	up := &Move{
		Tx: m.Tx, Now: m.Now, By: By{At: m.At}, System: true, Flow: head.Flow, Rule: rule, Matter: x, Authors: []Author{author}, To: x.Status,
		Subject: Subject{Table: "matters", ID: x.ID},
	}
	m.Tx.Insert(&x)
	m.Tx.Insert(&author)
	e := up.event()
	e.ActorName = own.Name
	m.Tx.Insert(e)
	state, _ := head.Flow.State(x.Status)
	if err := s.Begin(ctx, m.Tx, Beginning{Matter: x, State: state, Now: m.At}); err != nil {
		return err
	}
	if err := head.Upward.Row(ctx, m, up); err != nil {
		return err
	}
	if err := s.files.Copy(ctx, m.Tx, m.Matter.ID, x.ID, parent.ID); err != nil {
		return err
	}
	h.Organ, h.UpperID = parent.Name, &x.ID
	return s.Deliver(ctx, up)
}

// allNames names those who are authors and agreed to be, as a text: what goes up
// names them, and nothing that leads to them.
func allNames(authors []Author) string {
	var names []string
	for _, a := range authors {
		if a.Consent == Given && !slices.Contains(names, a.FullName()) {
			names = append(names, a.FullName())
		}
	}
	return strings.Join(names, "、")
}

// UnderWay returns ErrHandedUp where the parent institution has the matter, and
// has not given it back to be mended or come to its end with it.
func (s *Service) UnderWay(ctx context.Context, m *Move) error {
	var uppers []Matter
	err := m.Tx.Gorm(ctx).Raw("SELECT matters.* FROM handups JOIN matters ON matters.id = handups.upper_id WHERE handups.matter_id = ?", m.Matter.ID).Scan(&uppers).Error
	if err != nil {
		return fmt.Errorf("find what was handed up: %w", err)
	}
	for _, x := range uppers {
		if state, _ := s.heads[x.Kind].Flow.State(x.Status); x.ClosedAt == nil && state.Holder != FirstAuthor {
			return ErrHandedUp
		}
	}
	return nil
}

// bookAbove books what came back from above, of the newest time that the matter
// was handed up, or that to an organ, and tells the authors.
func bookAbove(ctx context.Context, m *Move) error {
	in := m.Input.(AboveInput)
	h, err := m.BookAbove(ctx, in.Organ, in.Number, in.Result)
	if err != nil {
		return err
	}
	m.Comment = h.Organ + in.Result.Label()
	if in.Number != "" {
		m.Comment += "，编号" + in.Number
	}
	if in.Text != "" {
		m.Comment += "：" + in.Text
	}
	event := notify.Decision
	if in.Result == AnsweredAbove {
		event = notify.Reply
	}
	words := m.Words(in.Result.Label())
	words["unit"] = h.Organ
	m.TellAuthors(event, "您的"+m.Flow.Label+"上报后有了结果", fmt.Sprintf("“%s”上报后：%s", m.Matter.Title, m.Comment), words)
	return nil
}

// BookAbove books the number that a matter has above and what became of it there,
// each where it is given, of the newest time that it was handed up, or that to an
// organ; and returns that. ErrNotHandedUp tells that there is none.
func (m *Move) BookAbove(ctx context.Context, organ, number string, result Above) (HandUp, error) {
	q := gorm.G[HandUp](m.Tx.Gorm(ctx)).Where("matter_id = ?", m.Matter.ID)
	if organ != "" {
		q = q.Where("organ = ?", organ)
	}
	h, err := q.Order("id DESC").First(ctx)
	if err != nil {
		return h, store.Found(err, ErrNotHandedUp, "find what was handed up")
	}
	h.Number, h.Result = cmp.Or(number, h.Number), cmp.Or(result, h.Result)
	m.Tx.Exec("UPDATE handups SET number = ?, result = ? WHERE id = ?", h.Number, h.Result, h.ID)
	return h, nil
}

// HandedUp is one time that a matter was handed up, with where it stands there.
type HandedUp struct {
	HandUp
	UpperKind   Kind
	UpperNumber string
	UpperStatus workflow.Status // empty: they use another system
}

// loadHandUps adds what was handed up of a matter to a batch.
func loadHandUps(b *store.Batch, id string) *[]HandedUp {
	var rows []HandedUp
	store.Read(b, &rows, `SELECT handups.*, COALESCE(m.kind, '') AS upper_kind, COALESCE(m.number, '') AS upper_number, COALESCE(m.status, '') AS upper_status
		FROM handups LEFT JOIN matters m ON m.id = handups.upper_id WHERE handups.matter_id = ? ORDER BY handups.id LIMIT 50`, id)
	return &rows
}
