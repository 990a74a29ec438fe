package proposal

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/matter"
	"yanlu/internal/safety"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Text is one version of what a proposal says. Once others have been asked to sign
// it, or it was handed in, it stays as it is: a change is another version, and those
// who agreed are asked again.
type Text struct {
	MatterID      string `gorm:"primaryKey"`
	Version       int    `gorm:"primaryKey;autoIncrement:false"`
	InstitutionID string
	Title         string
	Situation     string // 情况
	Analysis      string // 分析
	Advice        string // 建议
	WrittenBy     string // name of who wrote it, or rewrote the 案由
	CreatedAt     time.Time
}

// TableName names the table.
func (Text) TableName() string { return "proposal_texts" }

func textRow(m *matter.Move, c Unfinished, version int) *Text {
	return &Text{
		MatterID: m.Matter.ID, Version: version, InstitutionID: m.Matter.InstitutionID, Title: c.Title,
		Situation: c.Situation, Analysis: c.Analysis, Advice: c.Advice, WrittenBy: m.Actor.Name, CreatedAt: m.Now,
	}
}

// says reports whether a version says just what an input says.
func (t Text) says(c Unfinished) bool {
	return t.Title == c.Title && t.Situation == c.Situation && t.Analysis == c.Analysis && t.Advice == c.Advice
}

// proposerOf is who proposes, where an input says it or leaves it open: with
// co-authors it is a joint proposal.
func proposerOf(p Proposer, coAuthors int) Proposer {
	switch {
	case p.collective():
		return p
	case p == Joint || coAuthors > 0:
		return Joint
	default:
		return Individual
	}
}

// check holds what the form could not of a proposal that is handed in. What is on
// paper may stand in its scan.
func (c Content) check(p *workflow.Paper) error {
	if err := c.checkText(p != nil); err != nil {
		return err
	}
	switch {
	case c.Proposer == Joint && len(c.CoAuthors) == 0:
		return ErrJoint
	case c.Proposer.collective() != (c.BodyName != ""):
		return ErrBody
	}
	return nil
}

func (c Content) checkText(onPaper bool) error {
	if n := utf8.RuneCountInString(c.Title); n < 2 || n > 60 {
		return ErrTitle
	}
	if utf8.RuneCountInString(c.Situation+c.Analysis+c.Advice) < 10 && !onPaper {
		return ErrText
	}
	return nil
}

// write gives a proposal that its sponsor has in hand other words, co-authors and
// wishes, and returns its row as it is then.
func (s *Service) write(ctx context.Context, m *matter.Move, c Unfinished) (Proposal, error) {
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return own, err
	}
	m.Set("title", c.Title)
	m.Set("category", c.Category)
	m.Matter.Title, m.Matter.Category = c.Title, c.Category
	if err := stand(ctx, m, c); err != nil {
		return own, err
	}
	if err := m.ReplaceCoAuthors(ctx, c.CoAuthors); err != nil {
		return own, err
	}
	if err := s.rewrite(ctx, m, &own, c); err != nil {
		return own, err
	}
	signers := 0
	for _, a := range m.Authors {
		if a.Role == matter.Co && a.ViaMatterID == nil {
			signers++
		}
	}
	own.Proposer, own.PublicWish, own.UnitsWish = proposerOf(c.Proposer, signers), c.PublicWish, c.UnitsWish
	m.Tx.Exec("UPDATE proposals SET proposer = ?, public_wish = ?, units_wish = ?, text_version = ? WHERE matter_id = ?",
		own.Proposer, own.PublicWish, own.UnitsWish, own.TextVersion, own.MatterID)
	return own, nil
}

// rewrite keeps the words of a proposal: a draft's in place, any other's as a new
// version, for which those who had agreed are asked again. So are those who had agreed
// to what a draft was converted from, when it is handed in: that was another text.
func (s *Service) rewrite(ctx context.Context, m *matter.Move, own *Proposal, c Unfinished) error {
	now, err := current(ctx, m.Tx, own.MatterID, own.TextVersion)
	if err != nil {
		return err
	}
	draft := m.Subject.Status == matter.Draft
	switch {
	case now.says(c) && !draft:
		return nil
	case draft:
		m.Tx.Exec("UPDATE proposal_texts SET title = ?, situation = ?, analysis = ?, advice = ?, written_by = ?, created_at = ? WHERE matter_id = ? AND version = ?",
			c.Title, c.Situation, c.Analysis, c.Advice, m.Actor.Name, m.Now, own.MatterID, own.TextVersion)
	default:
		own.TextVersion++
		m.Tx.Insert(textRow(m, c, own.TextVersion))
	}
	if draft && slices.Contains(m.Rule.To, matter.Draft) { // it stays one
		return nil
	}
	return m.AskAgain(ctx)
}

func current(ctx context.Context, c store.Conn, matterID string, version int) (Text, error) {
	t, err := gorm.G[Text](c.Gorm(ctx)).Where("matter_id = ? AND version = ?", matterID, version).First(ctx)
	if err != nil {
		return Text{}, fmt.Errorf("find the text of a proposal: %w", err)
	}
	return t, nil
}

// texts reads what the platform's check is asked about, of what is made public.
func texts(ctx context.Context, c store.Conn, ids []string) (map[string]safety.Text, error) {
	var rows []Text
	err := c.Gorm(ctx).Raw(`SELECT t.* FROM proposals p JOIN proposal_texts t ON t.matter_id = p.matter_id AND t.version = p.text_version
		WHERE p.matter_id IN ?`, ids).Scan(&rows).Error
	by := make(map[string]safety.Text, len(rows))
	for _, r := range rows {
		by[r.MatterID] = safety.Text{Title: r.Title, Body: r.body()}
	}
	return by, err
}

// body is the three parts as one text.
func (t Text) body() string {
	return strings.TrimSpace(strings.Join([]string{t.Situation, t.Analysis, t.Advice}, "\n"))
}
