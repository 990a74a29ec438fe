package proposal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// Language is what a proposal is translated into.
type Language string

// The languages, each in the script of the place.
const (
	Chinese   Language = "ZH"
	Uyghur    Language = "UG"
	Kazakh    Language = "KK"
	Tibetan   Language = "BO"
	Mongolian Language = "MN"
	Korean    Language = "KO"
	Zhuang    Language = "ZA"
	Yi        Language = "II"
	Another   Language = "OTHER"
)

// words is what people call a language.
func (l Language) words() string {
	return map[Language]string{
		Chinese: "汉文", Uyghur: "维吾尔文", Kazakh: "哈萨克文", Tibetan: "藏文", Mongolian: "蒙古文", Korean: "朝鲜文", Zhuang: "壮文", Yi: "彝文", Another: "其他文字",
	}[l]
}

// Translation is a proposal in another language, beside the version of the text that
// it was made from. One that was sent back is mended in place.
type Translation struct {
	ID             string `gorm:"primaryKey"`
	InstitutionID  string
	MatterID       string
	TextVersion    int
	Language       Language
	TranslatorID   *string // who was asked; nil: whoever of them takes it
	TranslatorName string  // who did it; empty until then
	Title          string
	Situation      string
	Analysis       string
	Advice         string
	CheckerName    string // who compared it with the original; empty until then
	SentAt         time.Time
	HandedAt       *time.Time
	CheckedAt      *time.Time
}

// TableName names the table.
func (Translation) TableName() string { return "proposal_translations" }

// translatorSees lets translators see what is being translated.
func translatorSees(a member.Actor) (string, []any) {
	if !a.Is(member.Translator) {
		return "", nil
	}
	return "SELECT id FROM matters WHERE institution_id = ? AND kind = ? AND status IN ?", []any{a.InstitutionID, Kind, is(Translating, TranslationDone)}
}

// translate sends a filed proposal to be translated.
func (s *Service) translate(ctx context.Context, m *matter.Move) error {
	in := m.Input.(TranslateInput)
	own, err := find(ctx, m.Tx, m.Matter.ID)
	if err != nil {
		return err
	}
	people, err := s.translators(ctx, m, in.TranslatorID)
	if err != nil {
		return err
	}
	row := Translation{ID: store.NewID(), InstitutionID: own.InstitutionID, MatterID: own.MatterID, TextVersion: own.TextVersion, Language: in.Language, SentAt: m.Now}
	if in.TranslatorID != "" {
		row.TranslatorID = &in.TranslatorID
	}
	m.Tx.Insert(&row)
	m.Comment = "译成" + in.Language.words()
	m.Tell(m.Matter, people, notify.Task, "有提案请您翻译", fmt.Sprintf("“%s”请译成%s。", m.Matter.Title, in.Language.words()), m.Words("请翻译"))
	return nil
}

// translators returns whom to ask: who is named, or all of them.
func (s *Service) translators(ctx context.Context, m *matter.Move, id string) ([]string, error) {
	today := calendar.Of(m.Now)
	if id == "" {
		return member.OfRole(ctx, m.Tx, m.Matter.InstitutionID, member.Translator, today)
	}
	found, err := member.Actors(ctx, m.Tx, m.Matter.InstitutionID, []string{id}, today)
	if errors.Is(err, member.ErrNotFound) || err == nil && !found[0].Is(member.Translator) {
		return nil, ErrLanguage
	}
	return []string{id}, err
}

// underWay returns the translation that is being made.
func underWay(ctx context.Context, m *matter.Move) (Translation, error) {
	t, err := gorm.G[Translation](m.Tx.Gorm(ctx)).Where("matter_id = ?", m.Matter.ID).Order("id DESC").First(ctx)
	if err != nil {
		return t, fmt.Errorf("find the translation: %w", err)
	}
	return t, nil
}

// handTranslation keeps what the translator wrote.
func (s *Service) handTranslation(ctx context.Context, m *matter.Move) error {
	in := m.Input.(TranslationInput)
	t, err := underWay(ctx, m)
	if err != nil {
		return err
	}
	m.Tx.Exec("UPDATE proposal_translations SET title = ?, situation = ?, analysis = ?, advice = ?, translator_name = ?, handed_at = ? WHERE id = ?",
		in.Title, in.Situation, in.Analysis, in.Advice, m.Actor.Name, m.At, t.ID)
	return nil
}

// passTranslation accepts it; the proposal may be handed over.
func (s *Service) passTranslation(ctx context.Context, m *matter.Move) error {
	t, err := underWay(ctx, m)
	if err != nil {
		return err
	}
	m.Tx.Exec("UPDATE proposal_translations SET checker_name = ?, checked_at = ? WHERE id = ?", m.Actor.Name, m.At, t.ID)
	return nil
}

// redoTranslation sends it back, with what to mend.
func (s *Service) redoTranslation(ctx context.Context, m *matter.Move) error {
	t, err := underWay(ctx, m)
	if err != nil {
		return err
	}
	id := ""
	if t.TranslatorID != nil {
		id = *t.TranslatorID
	}
	people, err := s.translators(ctx, m, id)
	if errors.Is(err, ErrLanguage) { // who was asked is none any more
		people, err = s.translators(ctx, m, "")
	}
	m.Tell(m.Matter, people, notify.Task, "译文请修改", fmt.Sprintf("“%s”的译文请修改：%s", m.Matter.Title, m.Comment), m.Words("请修改译文"))
	return err
}

// skipTranslation goes on without one; what was asked for and not made goes.
func (s *Service) skipTranslation(ctx context.Context, m *matter.Move) error {
	t, err := underWay(ctx, m)
	if err != nil {
		return err
	}
	m.Tx.Exec("DELETE FROM proposal_translations WHERE id = ? AND checked_at IS NULL", t.ID)
	return nil
}

// Translates reports whether an actor reads the whole of a proposal because they
// translate it.
func Translates(a member.Actor, x matter.Matter) bool {
	return a.Is(member.Translator) && slices.Contains(is(Translating, TranslationDone), x.Status)
}
