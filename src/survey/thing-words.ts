/**
 * Words of bone densitometry, of anatomy and of what reports are made of, in the languages in which workstations are sold.
 * A label of such words names a thing: a person who is called like one of them cannot be told by it. Words that are
 * foremost names of people (Young, Max, Mark, Long) are not here. Of the project's own making, from anatomical terms.
 */
const WORDS = `
abdomen abdominal accuracy acquired acquisition adult age aged algorithm ambiguous analysis analyzed android ankle
annual anterior apparent appendicular area areal arm arms asymmetry atypical authority average axial axis band
baseline bilateral biological bmad bmc bmd bmi body bone bones boundary breast buckling calcaneus calcium calibration
caudal cavity center central cervical change changes chest circumference classification clavicle code coefficient
comment comparison compartment composition compression computed confidence content contralateral correction corrected
cortex cortical count cranial section sectional current cv data database date deformity densitometry density depth
detected deviation device diagnosis diameter diaphysis diaphyseal difference digit distal distance dominant dose dual
dxa dexa elbow endosteal energy entrance epiphysis estimate estimated ethnicity exam examination excluded exclusion
exposure factor fat femoral femur fibula field finding findings finger fingers foot footnote forearm fracture
fractures frame frax free full geometry global grade graph group gynoid hand hands head heel height high hip hips
history hologic horizontal hsa humerus identifier iliac image impression included index indication inferior inner
instance instant intermediate intertrochanter intertrochanteric interval intervertebral ischium item iva joint
juvenile kidney knee label lateral laterality lean least left leg legs length lesser level library limb limbs limit
line list loss low lower lumbar lva mandible manual manufacturer margin mass mean measure measured measurement
measurements medial median menopause metaphysis metacarpal method mid middle midline mineral mode model moment
morphometry muscle narrow neck necks nhanes none normal normative note number obese obesity odds offset order
osteopenia osteopenic osteoporosis osteoporotic other outer outlier panel part partial patella patient peak pediatric
paediatric pelvis pelvic percent percentage percentile peripheral periosteal phantom phalanx physician plane plus
population position posterior postmenopausal precision predicted prediction premenopausal previous prior probability
procedure product profile projection prosthesis prosthetic protocol proximal pubis quality quantity quantitative
radial radius range rate ratio raw reading reason reference referring region regional regions remark remarks repeat
report reported resistance result results rib ribs right risk roi row sacrum scale scan scanner scans scapula score
scores sd segment sensitivity series serial sex shaft shoulder significant simplified site sites size skeletal
skeleton skull slice smi soft software source specific spine spinal standard standardised standardized sternum
strength study subcutaneous subject subregion subtotal sum summary superior supine surface symmetry system systolic
table tail tarsal technique technologist template term test thickness thigh thoracic thorax three tibia time tissue
title tomography torso total trabecular transversal transverse trauma treatment trend triangle troch trochanter
trochanteric trunk two type ud ulna ulnar ultra ultradistal ultrasound undefined uniform unit units unknown upper
value values variation vat vertebra vertebrae vertebral vertical vfa view visceral visit volume volumetric waist wards
water weight whole wide width wrist year years zone zscore tscore and or of the to in for from with without by at on
not no per vs versus non all any as is adults child children female females male males man men woman women combined
first second third fourth last next new old one both each only than

arme armen aussen aussere auswertung becken befund bein beine beider beidseits bereich bewertung brust brustwirbel
brustwirbelsaule bws datum dichte distales doppel dosis durchschnitt einheit ellbogen ergebnis ergebnisse erwachsene
femurhals ferse fett fettanteil fettmasse fettfrei fettfreie flache fraktur frakturrisiko fuss ganz ganze ganzer
ganzkorper ganzkoerper gesamt gesamte gesamter gesamtes gesamthufte gesamthuefte gesamtkorper gesamtkoerper geschatzt
geschlecht gewebe gewicht grosser hals halswirbel handgelenk hufte hufthals huefte hueften huften hufts hinten innen
innere intertrochantar intertrochantare keine knie knochen knochendichte knochenflache knochenmasse knochenmineral
knochenmineraldichte knochenmineralgehalt knochenmineralgehalts kopf korper koerper korperzusammensetzung kreuzbein
lendenwirbel lendenwirbelsaule lendenwirbelsaeule linke linker linkes links lws mager magermasse masse messung
messwert mineralgehalt mitte mittel mittelwert mittlere mittlerer nach nein oben oberarm oberer obere oberschenkel
oberschenkelhals oberschenkelknochen ohne prozent prufung quer rechte rechter rechtes rechts referenz referenzwert
richtung rippen rumpf schadel schaedel schaft schenkelhals schienbein seite seitlich speiche spitze standardabweichung
steissbein summe tabelle teil trabekular und unbekannt unten unterarm unterer untere untersuchung veranderung
vergleich verhaltnis verlauf vordere vorne vorbefund wadenbein wert werte wirbel wirbelkorper wirbelsaule wirbelsaeule
wirbelsaulen zeit

actuel adulte aire anterieur anterieure antebras apres avant bassin bilan bras changement col colonne comparaison
contenu corps cote cotes coude courbe crane cuisse densite densitometrie dernier derniere deux diaphyse distale dmo
droit droite ecart ensemble entier epaule estime estimee et examen externe femelle femorale gauche genou grasse
graisse graisses grand hanche hanches haut haute indice inferieur inferieure interne intertrochanterien
intertrochanterienne jambe jambes lombaire lombaires maigre main mesure mesures minerale minerales moelle moyen
moyenne osseuse osseux pied poignet poids pourcentage precedent precedente premier premiere proximale rachis rapport
referencee resultat resultats sans somme superieur superieure taille tete thoracique tiers totale tronc trochanterien
valeur valeurs vertebre vertebres

actual adulto antebrazo ambas ambos anillo autentico banda brazo brazos cabeza cadera caderas calcaneo cambio cociente
codo columna comparacion completo composicion contenido costilla costillas cuello cuerpo cuerpos densidad
densitometria derecha derecho desviacion diafisis diferencia edad entero epifisis escaneo esqueleto estandar estimado
estudio extremidad extremidades fecha femenino fractura grasa grasas hombro hueso huesos izquierda izquierdo
intertrocanter intertrocanterea lumbares magra magro mano masa masculino media medicion medida medidas medio muneca
muslo oseo osea paciente percentil peso pierna piernas poblacion porcentaje previa previo radio referencia rodilla
sacro suma talla tejido tercio tobillo torax tronco trocanter trocanterea vertebras valor valores variacion

adulta adulti altezza anca anche avambraccio avambracci bacino braccia braccio bambino caviglia ceppo cervicale collo
colonna confronto contenuto coscia costola costole cranio cubito densita destra destro deviazione diafisi differenza
dimensione eta esame femminile femore fianco frattura gamba gambe ginocchio gomito inferiore lombare lombari maschile
massa mineralometria misura mezzo muscolo omero osseo ossea ossee percentuale piede polso popolazione prossimale
referto regione riferimento risultati risultato scheletro sinistra sinistro somma superiore tessuto torace trocantere
valore valori variazione

antebraco ancas braco bracos cabeca coluna conteudo corpo corporal costela costelas cotovelo coxa densidade desvio
diferenca direita direito esquerda esquerdo exame femea fratura gordura gorda idade joelho lombar padrao perna pernas
pelve ponto populacao porcentagem punho quadril quadris regiao relatorio resultado resultados soma tecido tornozelo

been benen bekken beide bloed bot botdichtheid botmassa botmineraal boven bovenbeen buik dichtheid dij distaal
elleboog enkel gemiddelde halswervel heup heupen heuphals hoofd hiel leeftijd lendenwervel lendenwervels lengte
lichaam linkerheup lumbale meting mineraal nek onder onderarm onderbeen onderste oppervlakte pols procent rechterheup
resultaat ribben romp schacht schedel schouder som spier totaal verandering verschil vet vetmassa vetvrij voet waarde
waarden wervel wervelkolom wervels zonder

benmassa bentathet hoft hofta hofte hofter larbenshals larbenhals rygg ryggrad ryggsoyle landrygg lende venstre
vanster hoyre hoger hojre hogra underarm handled handledd helkropp hele krop kropsmasse fettmassa biodro biodra
kregoslup ledzwiowy szyjka udowa kosc kosci udowej lewa lewe lewy prawa prawe prawy gestosc mineralna tkanka calkowita
glowa noga miednica przedramie tulow zebra
`;

const plain = (word: string): string =>
  word
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('ł', 'l')
    .replaceAll('æ', 'ae');

const THINGS: ReadonlySet<string> = new Set(WORDS.split(/\s+/).filter((word) => word !== ''));

/** Of the standard, of makers and of systems on the way: coding schemes, private creators, names of elements. */
const SYSTEM_WORDS: ReadonlySet<string> = new Set(
  `dicom dcm sct srt snm sdm ucum loinc ge gems gelunar lunar encore prodigy idxa dpx hologic apex horizon discovery delphi qdr
norland dms medilink osteosys beammed mindways medimaps stratos inc gmbh ltd medical imaging systems healthcare corporation
results densitometry roi roitype pya pam yat amz ag pfat vat xml uid sop scanid acf bcf site local private custom
java script file table note header footer config version license protocol anal user type name id dob`.split(/\s+/),
);

/** Letters that stand for a side, a vertebra, a score, a unit or a speed. */
const LETTERS: ReadonlySet<string> = new Set([...'lrtzgsafexymk']);

/** The words of a text, without marks; "DenseArea", "L1" and "BMD_ZSCORE" are two each. */
function wordsOf(text: string): readonly string[] {
  const parted = text.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2').replace(/young[\s_-]?adults?/gi, 'adult');
  return (plain(parted).match(/\p{L}+|\p{N}+/gu) ?? []).filter((word) => !/^\p{N}+$/u.test(word));
}

/** Whether every word of a text is one for things. `system`: also those of makers and formats. */
export function namesThings(text: string, system: boolean): boolean {
  return wordsOf(text).every(
    (word) => THINGS.has(word) || (word.length === 1 && LETTERS.has(word)) || (system && SYSTEM_WORDS.has(word)),
  );
}
