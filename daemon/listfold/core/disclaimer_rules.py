"""What legal notices are made of, by language: words by which a text speaks of itself, and what they say of it."""

from listfold.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Notice:
    """core.tail weighs them. The first `core` of `says` are words that authors hardly use of their own letters."""

    language: str
    itself: tuple[str, ...]
    says: tuple[str, ...]
    example: str
    core: int = 3


NOTICES: tuple[Notice, ...] = (
    Notice("en", ("this email", "this e-mail", "this mail", "this message", "this communication", "this transmission",
                  "this electronic", "contents of this", "the information contained", "this footnote",
                  "email message",
                  "the information transmitted", "this document", "any attachment", "confidentiality notice"),
           ("confidential", "privileged", "intended recipient", "intended solely", "intended only", "addressee",
            "sole use", "received this", "in error", "unauthorized", "unauthorised", "disclosure", "dissemination",
            "strictly prohibited", "no liability", "not liable", "views expressed", "opinions expressed",
            "legally binding", "legally privileged", "for whom it is intended", "individual or entity", "named above",
            "to whom it is addressed", "to whom they are addressed", "proprietary", "notify the sender",
            "contact the sender", "inform the sender", "circular 230", "internal revenue", "avoiding penalties",
            "notify us", "destroy", "delete", "disclose", "distribution",
            "prohibited", "virus", "liable", "liability", "do not necessarily", "any copying", "monitored", "warrant"),
           "This e-mail is confidential and may be privileged. If you are not the intended recipient, delete it.", 25),
    Notice("de", ("diese e-mail", "diese mail", "diese nachricht", "diese email", "dieser e-mail",
    "dieser nachricht"),
           ("vertraulich", "rechtlich geschützt", "nicht der richtige adressat", "irrtümlich",
            "informieren sie bitte",
            "absender", "vernichten sie", "löschen sie", "unerlaubte", "unbefugte", "nicht gestattet", "weitergabe",
            "adressat", "empfänger", "haftung", "viren", "ausschliesslich für"),
           "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige "
           "Adressat sind, vernichten Sie sie."),
    Notice("fr", ("ce message", "ce courriel", "cet e-mail", "ce mail", "cette communication", "le présent message",
                  "ce courrier"),
           ("confidentiel", "destinataire", "par erreur", "expéditeur", "détruire", "supprimer",
            "strictement interdit",
            "toute utilisation", "non autorisé", "responsabilité", "altéré", "intégrité", "pièces jointes",
            "privilégié",
            "virus"),
           "Ce message est confidentiel et destiné à ses destinataires. Si vous le recevez par erreur, merci "
           "de le détruire."),
    Notice("es", ("este mensaje", "este correo", "este e-mail", "esta comunicación", "el presente correo",
    "este email"),
           ("confidencial", "destinatario", "por error", "remitente", "eliminar", "borrar", "prohibid", "privilegiad",
            "divulgación", "notifi", "responsabilidad", "virus", "reservad", "elimín", "bórre", "infórm",
            "secreto profesional", "no está permitid", "exclusivamente a"),
           "Este mensaje es confidencial. Si no es el destinatario, notifíquelo al remitente y elimínelo."),
    Notice("pt", ("esta mensagem", "este e-mail", "este email", "esta comunicação"),
           ("confidencial", "destinatári", "por engano", "por erro", "remetente", "elimin", "apag", "proibid",
            "privilegiad",
            "divulgação", "responsabilidade", "vírus", "sigilo", "não autorizad"),
           "Esta mensagem é confidencial. Se não é o destinatário, avise o remetente e apague-a."),
    Notice("it", ("questo messaggio", "questa e-mail", "questa mail", "la presente", "questa comunicazione",
    "il presente",
                  "questa email", "presente messaggio"),
           ("confidenzial", "riservat", "destinatari", "per errore", "mittente", "cancell", "distrugg", "vietat",
            "proibit",
            "divulgazione", "responsabilità", "virus", "privacy", "d.lgs", "gdpr"),
           "Questo messaggio è riservato al destinatario. Se ricevuto per errore, avvisare il mittente e cancellarlo."),
    Notice("nl", ("dit bericht", "deze e-mail", "deze mail", "dit e-mailbericht", "deze email"),
           ("vertrouwelijk", "geadresseerde", "bestemd voor", "abusievelijk", "ten onrechte", "afzender",
            "verwijderen",
            "vernietigen", "niet toegestaan", "verboden", "openbaarmaking", "aansprakelijk", "virus"),
           "Dit bericht is vertrouwelijk en bestemd voor de geadresseerde. Indien "
           "abusievelijk ontvangen, meld het de afzender."),
    Notice("sv", ("detta meddelande", "detta e-postmeddelande", "detta mail", "detta mejl", "denna e-post"),
           ("konfidentiell", "mottagare", "av misstag", "avsändare", "radera", "förstör", "otillåt", "sekretess",
            "avsett"),
           "Detta meddelande är konfidentiellt. Är du inte rätt mottagare, meddela avsändaren och radera det."),
    Notice("da", ("denne e-mail", "denne mail", "denne meddelelse", "denne besked"),
           ("fortrolig", "modtager", "ved en fejl", "afsender", "slet", "ikke tilladt", "uberettiget", "tiltænkt"),
           "Denne e-mail er fortrolig. Er du ikke rette modtager, giv afsenderen besked og slet den."),
    Notice("nb", ("denne e-posten", "denne meldingen", "denne eposten", "denne e-post"),
           ("konfidensiell", "mottaker", "ved en feil", "avsender", "slett", "taushetsbelagt", "ikke tillatt"),
           "Denne e-posten er konfidensiell. Er du ikke rett mottaker, varsle avsender og slett den."),
    Notice("fi", ("tämä viesti", "tämä sähköposti", "tämän viestin", "tämä sähköpostiviesti"),
           ("luottamuksell", "vastaanottaj", "erehdyksessä", "lähettäj", "poista", "tuho", "kielletty",
            "tarkoitettu"),
           "Tämä viesti on luottamuksellinen. Jos et ole vastaanottaja, ilmoita lähettäjälle ja poista se."),
    Notice("pl", ("ta wiadomość", "niniejsza wiadomość", "ten e-mail", "ta korespondencja", "tej wiadomości",
    "tę wiadomość"),
           ("poufn", "adresat", "omyłkow", "pomyłk", "nadawc", "usun", "zniszcz", "zabronion", "odbiorc",
            "zastrzeżon"),
           "Ta wiadomość jest poufna. Jeśli nie są Państwo adresatem, prosimy powiadomić nadawcę i usunąć ją."),
    Notice("cs", ("tato zpráva", "tento e-mail", "tento email", "této zprávy", "tuto zprávu"),
           ("důvěrn", "adresát", "příjemc", "omylem", "odesílatel", "smaž", "vymaž", "odstran", "zakázán", "určen"),
           "Tato zpráva je důvěrná. Nejste-li adresátem, informujte odesílatele a smažte ji."),
    Notice("sk", ("táto správa", "tento e-mail", "tento email", "túto správu"),
           ("dôvern", "adresát", "príjemc", "omylom", "odosielateľ", "vymaž", "odstrán", "zakázan", "určen"),
           "Táto správa je dôverná. Ak nie ste adresát, informujte odosielateľa a vymažte ju."),
    Notice("hu", ("ez az üzenet", "ez az e-mail", "jelen üzenet", "ezt az üzenetet", "jelen e-mail"),
           ("bizalmas", "címzett", "tévedés", "küldő", "feladó", "törölj", "tilos", "jogosulatlan", "semmisít"),
           "Ez az üzenet bizalmas. Ha nem Ön a címzett, értesítse a feladót és törölje."),
    Notice("ro", ("acest mesaj", "acest e-mail", "această comunicare", "acest email"),
           ("confidenți", "confidenti", "destinatar", "din greșeală", "din eroare", "expeditor", "șterge",
            "interzis"),
           "Acest mesaj este confidențial. Dacă nu sunteți destinatarul, anunțați expeditorul și ștergeți-l."),
    Notice("ru", ("это сообщение", "данное сообщение", "это письмо", "данное письмо", "настоящее сообщение",
                  "настоящее электронное", "данное электронное", "этом сообщении"),
           ("конфиденциальн", "адресат", "получател", "по ошибке", "ошибочно", "отправител", "удалит", "уничтож",
            "запрещен", "разглашен", "предназначен"),
           "Это сообщение конфиденциально. Если вы не адресат, сообщите отправителю и удалите его."),
    Notice("uk", ("це повідомлення", "цей лист", "дане повідомлення"),
           ("конфіденційн", "адресат", "отримувач", "помилков", "відправник", "видал", "знищ", "заборонен"),
           "Це повідомлення конфіденційне. Якщо ви не адресат, повідомте відправника і видаліть його."),
    Notice("bg", ("това съобщение", "този имейл", "това писмо"),
           ("поверителн", "конфиденциалн", "получател", "адресат", "по погрешка", "подател", "изтри", "забранен"),
           "Това съобщение е поверително. Ако не сте получател, уведомете подателя и го изтрийте."),
    Notice("el", ("αυτό το μήνυμα", "το παρόν μήνυμα", "το μήνυμα αυτό", "το παρόν e-mail", "το παρόν"),
           ("εμπιστευτικ", "παραλήπτη", "αποδέκτη", "λάθος", "αποστολέα", "διαγρά", "απαγορεύ", "απόρρητ"),
           "Το παρόν μήνυμα είναι εμπιστευτικό. Αν δεν είστε ο παραλήπτης, ενημερώστε τον αποστολέα και διαγράψτε το."),
    Notice("tr", ("bu e-posta", "bu mesaj", "bu elektronik posta", "bu ileti", "bu e-mail"),
           ("gizli", "alıcı", "yanlışlık", "gönder", "silin", "yasak", "sorumlu", "yetkisiz", "virüs"),
           "Bu e-posta gizlidir. Alıcısı değilseniz gönderene haber verip silin."),
    Notice("he", ("הודעה זו", "דואר זה", "מסר זה"), ("סודי", "חסוי", "נמען", "בטעות", "השולח", "למחוק", "אסור"),
           "הודעה זו היא סודית ומיועדת אל נמען אחד. אם קיבלת אותה בטעות יש למחוק אותה."),
    Notice("ar", ("هذه الرسالة", "هذا البريد", "رسالة البريد"), ("سري", "المستلم", "المرسل إليه", "بطريق الخطأ",
    "المرسل", "حذف", "محظور"),
           "هذه الرسالة سرية. إذا استلمتها بطريق الخطأ فيرجى إبلاغ المرسل ثم حذفها."),
    Notice("zh", ("本邮件", "此邮件", "本電子郵件", "本電郵", "此電子郵件", "此电子邮件", "本郵件", "本电子邮件",
    "此郵件", "本信件"),
           ("保密", "机密", "機密", "收件人", "指定", "删除", "刪除", "发件人", "寄件人", "發件人", "禁止", "泄露",
            "洩漏", "误收", "誤收", "错收"),
           "本邮件及其附件含有保密信息，仅限于发送给指定收件人。如果您错收了本邮件，请立即删除。"),
    Notice("ja", ("このメール", "本メール", "この電子メール", "本電子メール"),
           ("機密", "秘密", "受信者", "誤って", "誤送信", "削除", "破棄", "禁止", "送信者", "宛先", "開示"),
           "本メールには機密情報が含まれています。誤って受信された場合は送信者にご連絡のうえ削除してください。"),
    Notice("ko", ("이 메일", "본 메일", "이 이메일", "본 이메일", "본 메시지", "이 전자우편", "본 전자우편"),
           ("기밀", "비밀", "수신인", "수신자", "잘못", "삭제", "금지", "발신", "폐기", "지정된"),
           "본 메일은 지정된 수신인만을 위한 것이며 기밀 정보를 포함합니다. 잘못 수신하신 경우 삭제하여 주십시오."),
    Notice("vi", ("thư này", "email này", "thông điệp này", "e-mail này"),
           ("bảo mật", "bí mật", "người nhận", "nhầm", "người gửi", "xóa", "xoá", "nghiêm cấm"),
           "Email này có thể chứa thông tin bảo mật. Nếu bạn nhận nhầm, xin báo người gửi và xóa."),
    Notice("id", ("pesan ini", "email ini", "surat elektronik ini", "e-mail ini"),
           ("rahasia", "penerima", "kesalahan", "keliru", "pengirim", "hapus", "dilarang", "ditujukan"),
           "Email ini bersifat rahasia. Jika Anda bukan penerima, beri tahu pengirim lalu hapus."),
    Notice("ca", ("aquest missatge", "aquest correu"), ("confidencial", "destinatari", "per error", "remitent",
    "elimin", "esborr", "prohib"),
           "Aquest missatge és confidencial. Si no sou el destinatari, aviseu el remitent i elimineu-lo."),
)  # fmt: skip

# Who writes "I" speaks for himself: of a notice, of his own letter.
FIRST_PERSON: dict[str, str] = {
    "en": " i ", "de": " ich ", "fr": " je ", "es": " yo ", "pt": " eu ", "nl": " ik ", "sv": " jag ", "da": " jeg ",
    "nb": " jeg ", "ru": " я ", "uk": " я ", "bg": " аз ", "tr": " ben ", "hu": " én ", "id": " saya ", "vi": " tôi ",
}  # fmt: skip

# What stands over a notice in a line of its own.
HEADS = (
    "disclaimer", "confidential", "notice", "important", "legal", "haftungsausschluss", "hinweis", "vertraulichkeit",
    "avertissement", "confidentialité", "aviso", "advertencia", "avviso", "riservatezza", "klauzula", "figyelem",
    "внимание", "免责", "免責", "声明", "聲明", "注意", "고지",
)  # fmt: skip

# Above the text: what a company's gateway tells its own people about mail from outside.
BANNERS: tuple[tuple[str, str], ...] = (
    ("this email originated from outside", "CAUTION: This email originated from outside of the organization."),
    ("this email originated outside", "CAUTION: This email originated outside our network."),
    ("this message originated from outside", "This message originated from outside your organization"),
    ("this message was sent from outside", "This Message was sent from outside the company"),
    ("you don't often get email from", "You don't often get email from a@example.org. Learn why this is important"),
    ("some people who received this message don't often get email from",
     "Some people who received this message don't often get email from a@example.org."),
    ("this is an external email", "This is an external email. Please take care."),
    ("this e-mail originated from outside", "This e-mail originated from outside the company."),
    ("do not click links or open attachments unless",
     "Do not click links or open attachments unless you recognize the sender"),
    ("diese e-mail stammt von ausserhalb", "ACHTUNG: Diese E-Mail stammt von außerhalb der Organisation."),
    ("ce courriel provient de l'extérieur", "ATTENTION : Ce courriel provient de l'extérieur de l'organisation."),
)  # fmt: skip

# A tag of the same kind, in a line of its own between marks.
TAGS = frozenset({
    "external", "external email", "external e-mail", "external mail", "external message", "external sender", "extern",
    "externe", "externe e-mail", "externe mail", "externer absender", "externo", "correo externo", "esterno",
})  # fmt: skip
