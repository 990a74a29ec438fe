package app

import (
	"yanlu/internal/phrase"
	"yanlu/internal/store"
)

// demoPhrases are phrases that an office may begin with: true everywhere, in
// words that one would say to a colleague.
var demoPhrases = []struct{ purpose, title, body string }{
	{"suggestion.reject.reason", "与已受理的重复", "您反映的问题已有委员提出并受理，正在办理。感谢您的关注，欢迎继续提出建议。"},
	{"suggestion.reject.reason", "属于个人诉求", "这件事属于个人诉求，不在微建议的受理范围。请按告知的渠道反映，那里能更快为您处理。"},
	{"suggestion.reject.reason", "超出本级职权", "这件事超出了本级的职权，无法交本级单位办理。感谢您的关注，请按告知的渠道继续反映。"},
	{"suggestion.return.reason", "请补充具体情况", "请补充具体地点、现在的情况和您的建议，这样承办单位能办得更准。"},
	{"suggestion.return.reason", "一件建议说一件事", "这里写了几件不同的事，请分开提交，便于分别交有关单位办理。"},
	{"opinion.return.reason", "请补充分析和建议", "反映的情况很重要。请再补充原因分析和具体建议，写明涉及的地方和人数，便于编报。"},
	{"opinion.keep.reason", "留作综合素材", "同类情况已有反映，这一件先留存，编综合稿时会用到。感谢您的反映，欢迎继续反映社情民意。"},
	{"assignment.send_back_reply.reason", "没有回应具体问题", "答复没有回应委员提出的具体问题，请逐条答复，并写明办理结果。"},
	{"assignment.send_back_reply.reason", "请写明完成时间", "答复中提到的工作，请写明什么时候完成、由谁负责。"},
	{"assignment.urge.note", "请按期答复", "请抓紧办理，按期答复；如有困难，请及时说明。"},
	{"assignment.reply.body", "答复的写法", "感谢您对我们工作的关心。您反映的情况，我们已核实：（写明情况）。目前（写明做了什么、结果如何）。如有疑问，欢迎与联系人联系。"},
	{"assignment.report_progress.text", "已到现场查看", "已到现场查看，正在研究办理办法，有结果会及时告诉您。"},
}

// seedPhrases gives the demo's county its phrases.
func (a *App) seedPhrases(tx *store.Tx, institutionID string) error {
	for i, d := range demoPhrases {
		p := phrase.Phrase{InstitutionID: institutionID, Purpose: d.purpose}
		if _, err := a.Phrases.Keep(tx, p, phrase.Words{Title: d.title, Body: d.body, Ordinal: 10 * (i + 1)}); err != nil {
			return err
		}
	}
	return nil
}
