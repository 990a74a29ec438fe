package proposal

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/matter"
	"yanlu/internal/notify"
)

// ErrBook is the fault of booking nothing.
var ErrBook = fault.New(fault.Invalid, "proposal.book", "请填写上级编号或上级表彰，至少一项。")

// gather puts a proposal into a higher body's collection: the one that is named, or
// the only one that is open.
func (s *Service) gather(ctx context.Context, m *matter.Move) error {
	in := m.Input.(GatherInput)
	c, err := s.collectionFor(ctx, m, in.CollectionID)
	if err != nil {
		return err
	}
	m.Tx.Exec("UPDATE proposals SET collection_id = ?, occasion = '', upper_body = ? WHERE matter_id = ?", c.ID, c.Body, m.Matter.ID)
	m.Comment = "列入" + c.Title(0) + "征集"
	m.TellAuthors(notify.Decision, "您的提案将推荐给"+c.Body,
		fmt.Sprintf("“%s”适合向上级反映，已列入%s的提案征集，选上后会告诉您。", m.Matter.Title, c.Title(0)), m.Words("上级征集"))
	return nil
}

func (s *Service) collectionFor(ctx context.Context, m *matter.Move, id string) (Collection, error) {
	if id != "" {
		c, err := upper(ctx, m, id)
		if err == nil && !c.Open(m.At) {
			err = ErrCollection
		}
		return c, err
	}
	open, err := gorm.G[Collection](m.Tx.Gorm(ctx)).
		Where("institution_id = ? AND body <> '' AND deadline >= ?", m.Matter.InstitutionID, m.At).Order("id").Limit(100).Find(ctx)
	if err != nil {
		return Collection{}, fmt.Errorf("find open collections: %w", err)
	}
	var found []Collection
	for _, c := range open {
		if c.Open(m.At) {
			found = append(found, c)
		}
	}
	if len(found) != 1 {
		return Collection{}, ErrCollection
	}
	return found[0], nil
}

// takeIn makes what was gathered for a higher body a proposal of this one, of the
// day on which it was handed in.
func (s *Service) takeIn(ctx context.Context, m *matter.Move) error {
	own := Proposal{MatterID: m.Matter.ID}
	c, err := sessionAt(ctx, m.Tx, m.Matter.InstitutionID, m.Matter.SubmittedAt)
	if err == nil {
		own.CollectionID, own.Occasion = &c.ID, c.occasion(m.Matter.SubmittedAt)
	} else if fault.As(err) == nil {
		return err
	}
	m.Tx.Exec("UPDATE proposals SET collection_id = ?, occasion = ?, upper_body = '' WHERE matter_id = ?", own.CollectionID, own.Occasion, own.MatterID)
	m.TellAuthors(notify.Decision, "您的提案转为本级提案", fmt.Sprintf("“%s”转为本级政协的提案，由本级审查办理。", m.Matter.Title), m.Words("待审查"))
	return nil
}

// choose chooses a proposal for the higher body.
func (s *Service) choose(ctx context.Context, m *matter.Move) error {
	own, where, err := s.ofUpper(ctx, m, m.Input.(ChooseInput).Met)
	if err != nil {
		return err
	}
	m.Comment = strings.TrimSuffix(where, "：")
	m.TellAuthors(notify.Decision, "您的提案已入选", fmt.Sprintf("“%s”已入选，将提交%s。", m.Matter.Title, own.UpperBody), m.Words("已入选"))
	return nil
}

// passOver tells that a proposal was not chosen, and why.
func (s *Service) passOver(ctx context.Context, m *matter.Move) error {
	in := m.Input.(PassOverInput)
	own, where, err := s.ofUpper(ctx, m, in.Met)
	if err != nil {
		return err
	}
	m.Comment = where + in.Reason
	m.TellAuthors(notify.Decision, "您的提案这次没有入选",
		fmt.Sprintf("感谢您为%s的征集提出“%s”，这次没有选上：%s 您可以改好后作为本级提案提交。", own.UpperBody, m.Matter.Title, in.Reason), m.Words("未入选"))
	return nil
}

func (s *Service) ofUpper(ctx context.Context, m *matter.Move, met Met) (Proposal, string, error) {
	where, err := meet(ctx, m, met)
	if err != nil {
		return Proposal{}, "", err
	}
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err == nil && met.Meeting != "" {
		m.Tx.Exec("UPDATE proposals SET meeting = ?, met_on = ? WHERE matter_id = ?", met.Meeting, metOn(met), m.Matter.ID)
	}
	return own, where, err
}

// handUp hands a proposal up: to the parent institution, where its collection is that
// one's, or to a body that uses another system. Then what comes back is booked by
// conclude, refuseAbove and bookUpper.
func (s *Service) handUp(ctx context.Context, m *matter.Move) error {
	in := m.Input.(HandUpInput)
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	h, err := s.toBody(ctx, m, own)
	if err != nil {
		return err
	}
	m.Comment = h.Organ
	if err := book(ctx, m, in.Number, "", ""); err != nil {
		return err
	}
	m.TellAuthors(notify.Decision, "您的提案已提交"+h.Organ, fmt.Sprintf("“%s”已提交%s，有答复会告诉您。", m.Matter.Title, h.Organ), m.Words("已提交上级"))
	return nil
}

func (s *Service) toBody(ctx context.Context, m *matter.Move, own Proposal) (matter.HandUp, error) {
	if own.CollectionID != nil {
		c, err := FindCollection(ctx, m.Tx, m.Matter.InstitutionID, *own.CollectionID)
		if err != nil {
			return matter.HandUp{}, err
		}
		if c.Here {
			h, err := s.matters.HandUp(ctx, m, "")
			if !errors.Is(err, matter.ErrNoParent) { // else it has gone to another system meanwhile
				return h, err
			}
		}
	}
	return s.matters.HandUp(ctx, m, own.UpperBody)
}

// copyUp writes what an institution hands up to its parent: the text as it stands, for
// the session of that one which runs.
func (s *Service) copyUp(ctx context.Context, m, up *matter.Move) error {
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	t, err := current(ctx, m.Tx, own.MatterID, own.TextVersion)
	if err != nil {
		return err
	}
	p := &Proposal{
		MatterID: up.Matter.ID, InstitutionID: up.Matter.InstitutionID, Proposer: own.Proposer, TextVersion: 1, PublicWish: own.PublicWish, ProposedJSON: "[]",
	}
	if err := s.place(ctx, up, p, ""); err != nil {
		return err
	}
	t.MatterID, t.Version, t.InstitutionID, t.WrittenBy, t.CreatedAt = p.MatterID, p.TextVersion, p.InstitutionID, up.Authors[0].BodyName, up.Now
	up.Tx.Insert(p, &t)
	return nil
}

// The actions of the system for what comes back from above.
const (
	answeredAbove = "answered_above"
	refusedAbove  = "refused_above"
)

// bookBack books what came back from above: the number that a proposal has there, the
// answers in their order, an award. Its state follows the answer, or that it was not
// filed.
func (s *Service) bookBack(ctx context.Context, m *matter.Move, f matter.Feedback) (string, error) {
	award, action := "", ""
	switch f.Action {
	case "settle":
		action = answeredAbove
	case "not_file":
		action = refusedAbove
	case "publish_excellent":
		award = f.Comment
	}
	if f.Text != "" {
		own, err := find(ctx, m.Tx, m.Matter.ID)
		if err != nil {
			return "", err
		}
		m.Tx.Exec("UPDATE proposals SET upper_answer = ? WHERE matter_id = ?", strings.TrimSpace(own.UpperAnswer+"\n"+f.Text), m.Matter.ID)
	}
	bookRow(m, f.Number, award)
	return action, nil
}

// giveBack returns a proposal to its sponsor; what was handed up only when the parent
// does not have it any more.
func (s *Service) giveBack(give matter.Effect) matter.Effect {
	return func(ctx context.Context, m *matter.Move) error {
		if m.Subject.Status == HandedUp {
			if err := s.matters.UnderWay(ctx, m); err != nil {
				return err
			}
		}
		return give(ctx, m)
	}
}

// refuseAbove books that the higher body did not file a proposal.
func (s *Service) refuseAbove(ctx context.Context, m *matter.Move) error {
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	reason := m.Comment
	m.Comment = own.UpperBody + "：" + reason
	m.TellAuthors(notify.Decision, "您的提案上级没有立案",
		fmt.Sprintf("感谢您提出“%s”。%s这次没有立案：%s 您可以改好后作为本级提案提交。", m.Matter.Title, own.UpperBody, reason), m.Words("上级没有立案"))
	return book(ctx, m, "", "", matter.RefusedAbove)
}

// conclude books the higher body's answer.
func (s *Service) conclude(ctx context.Context, m *matter.Move) error {
	in := m.Input.(ConcludeInput)
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	if err := book(ctx, m, in.Number, "", matter.AnsweredAbove); err != nil {
		return err
	}
	m.Tx.Exec("UPDATE proposals SET upper_answer = ? WHERE matter_id = ?", in.Answer, m.Matter.ID)
	m.Comment = own.UpperBody + "答复：" + in.Answer
	words := m.Words("已答复")
	words["unit"] = own.UpperBody
	m.TellAuthors(notify.Reply, "您的提案有答复了", fmt.Sprintf("“%s”在%s有了答复，请查看。", m.Matter.Title, own.UpperBody), words)
	return nil
}

// bookUpper books the number that a proposal has above, and an award.
func (s *Service) bookUpper(ctx context.Context, m *matter.Move) error {
	in := m.Input.(BookUpperInput)
	if in.Number == "" && in.Award == "" {
		return ErrBook
	}
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	var parts []string
	result := matter.Above("")
	if in.Number != "" {
		parts = append(parts, own.UpperBody+"编号："+in.Number)
	}
	if in.Award != "" {
		parts = append(parts, own.UpperBody+"："+in.Award)
		result = matter.PraisedAbove
	}
	m.Comment = strings.Join(parts, "；")
	m.TellAuthors(notify.Progress, "您的提案在上级有新消息", fmt.Sprintf("“%s”：%s", m.Matter.Title, m.Comment), m.Words("上级有消息"))
	return book(ctx, m, in.Number, in.Award, result)
}

// book books what the office learned of a proposal above, each where it is given.
func book(ctx context.Context, m *matter.Move, number, award string, result matter.Above) error {
	bookRow(m, number, award)
	_, err := m.BookAbove(ctx, "", number, result)
	return err
}

func bookRow(m *matter.Move, number, award string) {
	if number != "" {
		m.Tx.Exec("UPDATE proposals SET upper_number = ? WHERE matter_id = ?", number, m.Matter.ID)
	}
	if award != "" {
		m.Tx.Exec("UPDATE proposals SET upper_award = ? WHERE matter_id = ?", award, m.Matter.ID)
	}
}
